import {
  amount,
  counter,
  depositReservation,
  encode,
  evidence,
  field,
  fromHex,
  hex,
  holderToHome,
  literal,
  outcome,
  payeeToAnybody,
  payment,
  paymentContext,
  paymentRequest,
  retirement,
  seconds,
  signedBalance,
  syncRequest,
  thumbprint,
  toHex,
  tuple,
  uint,
  unwrap,
  withdrawal,
  type Context,
  type Message,
} from "@bezant/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { EUR, START } from "../world/institutions.ts";
import {
  signAcknowledgement,
  signConfirmation,
  signPayeeOutcome,
  signProviderOutcome,
  signRequest,
  signSync,
  withChain,
} from "../world/signed.ts";
import { crypto } from "./support/device.ts";
import { ask, fund, Network, pay, type Enrolled } from "./support/network.ts";

const NONCE = new Uint8Array(16).fill(7);

let network: Network;
beforeEach(() => {
  network = new Network(1);
});

/** Reads a message with the protocol package and checks that this TA signed it in this context. */
function signedBy<P>(device: Enrolled, message: Message<P>, bytes: Uint8Array, to: Context): P {
  const parsed = unwrap(message.parse(bytes));
  const check = message.signatureCheck(parsed, to, device.key);
  expect(crypto.verify(fromHex(check.key), check.message, check.signature)).toBe(true);
  return parsed.payload;
}

function toHome({ id, provider }: Enrolled): Context {
  return holderToHome({ currency: EUR, home: provider.id, signer: id });
}

function toAnybody({ id, provider }: Enrolled): Context {
  return payeeToAnybody({ currency: EUR, home: provider.id, payee: id });
}

describe("the life of an instance", () => {
  it("begins blank, and Init gives its key and id", () => {
    const device = network.blank();
    expect(device.call("GetInfo", {})).toMatchObject({
      phase: "blank",
      id: "",
      home: "",
      pinTries: 0,
    });
    const { vk, id } = device.call("Init", { anchor: network.bank.anchor });
    expect(vk).toHaveLength(33);
    expect(device.call("GetInfo", {})).toMatchObject({
      phase: "initialised",
      id,
      balance: 0n,
      pinTries: 5,
    });
  });

  it("begins again by Init until it has a certificate, then no more", () => {
    const device = network.blank();
    const wrong = fromHex(network.home.key.publicKey.compressed);
    const first = device.call("Init", { anchor: wrong });
    const second = device.call("Init", { anchor: network.bank.anchor });
    expect(second.id).not.toBe(first.id);
    expect(network.active().status("Init", { anchor: network.bank.anchor })).toBe("wrong-phase");
  });

  it("attests its key and its anchor for each nonce", () => {
    const device = network.initialised();
    const bytes = device.call("Attest", { audience: network.home.id, nonce: NONCE });
    const { payload } = unwrap(evidence.parse(bytes));
    expect(payload.key).toBe(device.key);
    expect(payload.nonce).toEqual(NONCE);
    const anchor = unwrap(evidence.parse(bytes)).payload.measurements.anchor;
    const { publicKey } = network.bank.root.key;
    expect(toHex(anchor)).toBe(toHex(thumbprint(publicKey)));
  });

  it("becomes its provider's with CertInit, which sets the time", () => {
    const device = network.active();
    expect(device.call("GetInfo", {})).toMatchObject({
      phase: "active",
      home: "bank-a",
      currency: "EUR",
      time: START,
      balance: 0n,
    });
    expect(
      device.call("Attest", { audience: network.home.id, nonce: NONCE }).length,
    ).toBeGreaterThan(0);
  });

  it("takes a deposit that it reserved", () => {
    const device = network.active();
    const reservation = device.call("ReserveDeposit", { amount: amount(500n) });
    expect(signedBy(device, depositReservation, reservation, toHome(device))).toEqual({
      amount: 500n,
      d: 1,
    });
    expect(device.call("GetInfo", {}).reserved).toBe(500n);
    const confirmation = signConfirmation(network.home, device.id, { d: 1, x: 500n });
    expect(device.call("Deposit", { confirmation })).toEqual({ balance: 500n });
    expect(device.call("GetInfo", {})).toMatchObject({ d: 1, reserved: 0n, balance: 500n });
  });

  it("pays another TA of its provider, which collects, and settles on the outcome", () => {
    const [payer, payee] = [network.active(), network.active()];
    fund(payer, 1000n);
    const request = ask(payee, 300n);
    const asked = signedBy(payee, paymentRequest, request, toAnybody(payee));
    expect(asked).toMatchObject({ amount: 300n, r: 1 });
    expect(asked).not.toHaveProperty("expires");

    const paid = pay(payer, request);
    const context = paymentContext({
      currency: EUR,
      home: payer.provider.id,
      sender: payer.id,
      receiver: payee.id,
    });
    expect(signedBy(payer, payment, paid, context)).toEqual({
      amount: 300n,
      receiver: payee.id,
      receiverClass: "ta",
      j: 1,
      r: 1,
      challenge: asked.challenge,
      time: START,
      type: "basic",
    });
    expect(payer.call("GetInfo", {})).toMatchObject({ balance: 700n, j: 1, unsettled: [1] });

    const receipt = payee.call("Collect", { payment: paid });
    expect(signedBy(payee, outcome, receipt, toAnybody(payee))).toEqual({
      kind: "collected",
      r: 1,
      sender: payer.id,
      j: 1,
      amount: 300n,
    });
    expect(payee.call("GetInfo", {})).toMatchObject({ balance: 300n, open: [] });

    payer.call("Settle", { outcome: receipt });
    expect(payer.call("GetInfo", {}).unsettled).toEqual([]);
    expect(payer.status("Settle", { outcome: receipt })).toBe("unknown-payment");
  });

  it("pays across providers when the chains are attached", () => {
    const payer = network.active(network.home);
    const payee = network.active(network.other);
    fund(payer, 1000n);
    const request = ask(payee, 300n);
    expect(payer.status("Pay", { request, hint: seconds(0) })).toBe("unknown-issuer");
    const paid = pay(payer, withChain(request, payee));
    expect(payee.status("Collect", { payment: paid })).toBe("unknown-issuer");
    const receipt = payee.call("Collect", { payment: withChain(paid, payer) });
    payer.call("Settle", { outcome: receipt });
    expect(payer.call("GetInfo", {})).toMatchObject({ balance: 700n, unsettled: [] });
    expect(payee.call("GetInfo", {}).balance).toBe(300n);
  });

  it("pays wallets, of its own provider and of another, whose provider ends the payment", () => {
    const payer = network.active();
    fund(payer, 1000n);
    for (const [index, provider] of [network.home, network.other].entries()) {
      const wallet = network.bank.wallet(provider);
      const payee = { ...wallet, home: provider.id };
      const asked = { x: 100n, r: 9, challenge: new Uint8Array(8) };
      const request = signRequest(payee, asked);
      const paid = pay(payer, withChain(request, wallet));
      const { payload } = unwrap(payment.parse(paid));
      expect(payload).toMatchObject({ receiver: wallet.id, receiverClass: "wallet", j: index + 1 });

      const received = signPayeeOutcome(payee, {
        kind: "received",
        r: counter(9),
        sender: payer.id,
        j: payload.j,
        amount: amount(100n),
      });
      expect(payer.status("Settle", { outcome: received })).toBe("malformed");
      const claimed = signProviderOutcome(provider, {
        kind: "claimed",
        sender: payer.id,
        j: payload.j,
        amount: amount(100n),
        receiver: wallet.id,
      });
      payer.call("Settle", { outcome: withChain(claimed, wallet) });
    }
    expect(payer.call("GetInfo", {})).toMatchObject({ balance: 800n, unsettled: [] });
  });

  it("withdraws, keeps the withdrawal until it is acknowledged, and sends it again byte for byte", () => {
    const device = network.active();
    fund(device, 1000n);
    const message = device.call("Withdraw", { amount: amount(400n) });
    expect(signedBy(device, withdrawal, message, toHome(device))).toEqual({ amount: 400n, w: 1 });
    expect(device.call("GetInfo", {})).toMatchObject({ balance: 600n, w: 1, unacknowledged: [1] });
    expect(device.call("Resend", { kind: "withdrawal", n: counter(1) })).toEqual(message);
    const acknowledgement = signAcknowledgement(network.home, device.id, 1);
    expect(device.call("AckWithdraw", { acknowledgement })).toEqual({ w: 1 });
    expect(device.call("GetInfo", {}).unacknowledged).toEqual([]);
    expect(device.status("Resend", { kind: "withdrawal", n: counter(1) })).toBe(
      "unknown-withdrawal",
    );
  });

  it("tells its balance to its provider alone", () => {
    const device = network.active();
    fund(device, 1000n);
    const message = device.call("GetBalance", { nonce: NONCE });
    expect(signedBy(device, signedBalance, message, toHome(device))).toEqual({
      nonce: NONCE,
      balance: 1000n,
      d: 1,
      w: 0,
      j: 0,
    });
  });

  it("syncs: its account goes out, limits and time come in, the window shrinks by the snapshot", () => {
    const [payer, payee] = [network.active(), network.active()];
    fund(payer, 1000n);
    payee.call("Collect", { payment: pay(payer, ask(payee, 100n)) });
    ask(payee, 50n);
    payee.call("ReserveDeposit", { amount: amount(25n) });
    const account = signedBy(payee, syncRequest, payee.call("SyncRequest", {}), toHome(payee));
    expect(account).toMatchObject({
      balance: 100n,
      d: 0,
      depositDigest: new Uint8Array(32),
      w: 0,
      j: 0,
      nextR: 3,
      windowCount: 0,
      totals: [0n, 0n, 0n, 100n],
      time: START,
      reserved: 75n,
      openRequests: 1,
    });
    const { nonce, windowCount, windowValue } = signedBy(
      payer,
      syncRequest,
      payer.call("SyncRequest", {}),
      toHome(payer),
    );
    expect([windowCount, windowValue]).toEqual([1, 100n]);
    payer.call("Pay", { request: ask(payee, 10n), hint: seconds(0) });
    const limits = {
      profile: 1,
      version: 2,
      maxHolding: 9n,
      maxPayment: 8n,
      maxCount: 3,
      maxValue: 6n,
      noPinCap: 5n,
      uncheckedCap: 4n,
    };
    const answer = { nonce, limits: limits as never, time: START + 60, w: 0, stored: 1 };
    const response = signSync(network.home, payer.id, answer);
    payer.call("Sync", { response });
    expect(payer.call("GetInfo", {})).toMatchObject({ time: START + 60, unsettled: [2] });
    const after = signedBy(payer, syncRequest, payer.call("SyncRequest", {}), toHome(payer));
    expect([after.windowCount, after.windowValue]).toEqual([1, 10n]);
    expect(payer.status("Sync", { response })).toBe("sync-not-pending");
  });

  it("ends with Retire, after which only Init begins anew, with another key and id", () => {
    const device = network.active();
    fund(device, 10n);
    expect(device.status("Retire", {})).toBe("not-empty");
    device.call("Withdraw", { amount: amount(10n) });
    expect(device.status("Retire", {})).toBe("not-empty");
    device.call("AckWithdraw", {
      acknowledgement: signAcknowledgement(network.home, device.id, 1),
    });
    const last = signedBy(device, retirement, device.call("Retire", {}), toHome(device));
    expect(last).toMatchObject({ d: 1, w: 1, j: 0 });
    // A lost statement is had again, and nothing changes by it.
    device.os.kill();
    expect(signedBy(device, retirement, device.call("Retire", {}), toHome(device))).toEqual(last);
    expect(device.os.staged).toBe(false);
    expect(device.call("GetInfo", {})).toMatchObject({ phase: "retired", id: device.id, w: 1 });
    expect(device.status("GetBalance", { nonce: NONCE })).toBe("wrong-phase");
    const next = device.call("Init", { anchor: network.bank.anchor });
    expect(next.id).not.toBe(device.id);
    expect(device.status("Retire", {})).toBe("wrong-phase");
    expect(device.call("GetInfo", {})).toMatchObject({
      phase: "initialised",
      w: 0,
      d: 0,
      home: "",
    });
  });
});

describe("the log", () => {
  it("chains every event that moved money or ended a request", () => {
    const [device, peer] = [network.active(), network.active()];
    fund(device, 1000n);
    const { depositDigest } = signedBy(
      device,
      syncRequest,
      device.call("SyncRequest", {}),
      toHome(device),
    );
    device.call("Withdraw", { amount: amount(200n) });
    pay(device, ask(peer, 30n));
    fund(peer, 70n);
    peer.call("Collect", { payment: pay(device, ask(peer, 5n)) });
    const collected = device.call("Collect", { payment: pay(peer, ask(device, 4n)) });
    expect(unwrap(outcome.parse(collected)).payload).toMatchObject({ r: 1, j: 1 });
    ask(device, 3n);
    device.call("CancelRequest", { r: counter(2) });

    const [digest, id] = [field.digest, hex(32)];
    const events = [
      encode(tuple(literal(0), uint(), field.amount, digest), [0, 1, amount(1000n), depositDigest]),
      encode(tuple(literal(1), uint(), field.amount), [1, 1, amount(200n)]),
      encode(tuple(literal(2), uint(), field.amount, id), [2, 1, amount(30n), peer.id]),
      encode(tuple(literal(2), uint(), field.amount, id), [2, 2, amount(5n), peer.id]),
      encode(tuple(literal(3), uint(), field.amount, id, uint()), [3, 1, amount(4n), peer.id, 1]),
      encode(tuple(literal(4), uint(), field.amount), [4, 2, amount(3n)]),
    ];
    const head = events.reduce(
      (before, event) => crypto.digest(Buffer.concat([before, event])),
      new Uint8Array(32),
    );
    const account = signedBy(device, syncRequest, device.call("SyncRequest", {}), toHome(device));
    expect(toHex(account.head)).toBe(toHex(head));
    expect(account.totals).toEqual([1000n, 200n, 35n, 4n]);
  });
});
