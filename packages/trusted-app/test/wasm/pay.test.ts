import {
  amount,
  attach,
  toHex,
  counter,
  currency,
  fromHex,
  outcome,
  payment,
  paymentRequest,
  seconds,
  unwrap,
} from "@bezant/protocol";
import { describe, expect, it } from "vitest";
import type { Status } from "../../src/commands.ts";
import { limitsOf, START } from "../world/institutions.ts";
import { holderOf, signRequest, without } from "../world/signed.ts";
import type { Device } from "./support/device.ts";
import { AT, ORDER, CHALLENGE, END, malleated, MAX_U32, MAX_U64 } from "./support/messages.ts";
import { ask, fund, Network, pay } from "./support/network.ts";

const network = new Network(5);
const { bank, home, other } = network;

function payStatus(device: Device, request: Uint8Array, hint = 0): Status {
  return device.status("Pay", { request, hint: seconds(hint) });
}

describe("Pay", () => {
  it("is refused once the certificate has expired by the TA's time or the wallet's", () => {
    const [payer, payee] = [network.active(), network.active()];
    fund(payer, 100n);
    const request = ask(payee, 10n);
    expect(payStatus(payer, request, END + 1)).toBe("expired");
    expect(payStatus(payer, ask(payee, 5n), END)).toBe("ok");
    expect(payStatus(payer, new Uint8Array(), END + 1)).toBe("expired");
    payer.edit((state) => state.setUint32(AT.time, END + 1, true));
    expect(payStatus(payer, request)).toBe("expired");
  });

  it("looks itself whether a signature is in range, whatever the trusted OS says of it", () => {
    const [payer, payee] = [network.active(), network.active()];
    fund(payer, 100n);
    const request = ask(payee, 10n);
    payer.os.kill();
    payer.os.verify = () => true;
    const half = (ORDER - 1n) / 2n;
    const status = (r: bigint, s: bigint): Status => {
      const numbers = [r, s].map((n) => n.toString(16).padStart(64, "0")).join("");
      return payStatus(payer, Uint8Array.of(...request.subarray(0, -64), ...fromHex(numbers)));
    };
    expect([status(0n, 1n), status(ORDER, 1n), status(1n, 0n), status(1n, half + 1n)]).toEqual(
      Array<Status>(4).fill("bad-signature"),
    );
    expect([status(1n, 1n), status(ORDER - 1n, half)]).toEqual(["ok", "ok"]);
    // One step of any byte of the two bounds is a step too far, or none.
    for (let byte = 0; byte < 32; byte += 1) {
      const step = 1n << BigInt(8 * byte);
      expect(status(1n, half + step)).toBe("bad-signature");
      if (ORDER + step < 1n << 256n) expect(status(ORDER - 1n + step, 1n)).toBe("bad-signature");
    }
  });

  it("believes only a payee that its certificate names", () => {
    const payer = network.active();
    fund(payer, 100n);
    const payee = network.broken();
    const terms = { x: 10n, r: 1, challenge: CHALLENGE };
    const request = signRequest(payee, terms);
    const replaced = (certificate: Uint8Array): Status =>
      payStatus(payer, unwrap(attach(request, { certificate })));
    expect(payStatus(payer, without(request))).toBe("missing-certificate");
    expect(replaced(Uint8Array.of(0))).toBe("malformed");
    expect(replaced(without(request))).toBe("wrong-type");
    expect(replaced(home.chain[0])).toBe("wrong-role");
    const { compressed } = payee.key.publicKey;
    const inUsd = { currency: currency("USD") };
    expect(replaced(bank.taCertificate(home, compressed, limitsOf(), inUsd))).toBe(
      "wrong-currency",
    );
    expect(replaced(payer.certificate)).toBe("self-payment");
    expect(replaced(network.broken().certificate)).toBe("bad-signature");
    const forged = payee.certificate.with(-1, payee.certificate.at(-1)! ^ 1);
    expect(replaced(forged)).toBe("bad-signature");
    expect(payStatus(payer, malleated(request))).toBe("bad-signature");
    expect(payStatus(payer, signRequest({ ...payee, home: other.id }, terms))).toBe(
      "bad-signature",
    );
    expect(payStatus(payer, request)).toBe("ok");
  });

  it("believes a wallet under the id that its provider gives it", () => {
    const payer = network.active();
    fund(payer, 100n);
    const wallet = bank.wallet(home);
    const terms = { x: 10n, r: 1, challenge: CHALLENGE };
    const elsewhere = { ...holderOf(wallet), id: bank.wallet(home).id };
    expect(payStatus(payer, signRequest(elsewhere, terms))).toBe("bad-signature");
    expect(payStatus(payer, signRequest(holderOf(wallet), terms))).toBe("ok");
  });

  it("is refused when the payee's certificate has expired", () => {
    const payer = network.active();
    fund(payer, 100n);
    const payee = network.broken(home, { exp: seconds(START + 9) });
    const request = signRequest(payee, { x: 10n, r: 1, challenge: CHALLENGE });
    expect(payStatus(payer, request, START + 10)).toBe("expired");
    expect(payStatus(payer, request, START + 9)).toBe("ok");
  });

  it("pays a request once, whatever its certificate, and never for another amount", () => {
    const payer = network.active();
    fund(payer, 100n);
    const payee = network.broken();
    const terms = { x: 10n, r: 1, challenge: CHALLENGE };
    const paid = pay(payer, signRequest(payee, terms));
    const { compressed } = payee.key.publicKey;
    const renewed = { ...payee, certificate: bank.taCertificate(home, compressed, limitsOf()) };
    expect(pay(payer, signRequest(renewed, terms))).toEqual(paid);
    expect(payStatus(payer, signRequest(payee, { ...terms, x: 11n }))).toBe("request-mismatch");
    const another = { ...terms, challenge: CHALLENGE.with(0, 9) };
    expect(payStatus(payer, signRequest(payee, another))).toBe("ok");
    expect(payer.call("GetInfo", {})).toMatchObject({ balance: 80n, j: 2 });
  });

  it("checks expiry, limits, balance, PIN, outbox and counters in this order", () => {
    const limits = limitsOf({ maxPayment: 40n, maxCount: 2, maxValue: 60n, noPinCap: 25n });
    const payer = network.active(home, limits);
    fund(payer, 30n);
    const payee = network.broken();
    let r = 0;
    const request = (x: bigint, expires = END): Uint8Array => {
      r += 1;
      return signRequest(payee, { x, r, challenge: CHALLENGE, expires });
    };
    expect(payStatus(payer, request(41n, START + 4), START + 5)).toBe("request-expired");
    expect(payStatus(payer, request(41n, START - 1))).toBe("request-expired");
    expect(payStatus(payer, request(41n))).toBe("limit-payment");
    expect(payStatus(payer, request(40n))).toBe("insufficient-balance");
    expect(payStatus(payer, request(26n))).toBe("pin-required");
    expect(payStatus(payer, request(20n, START))).toBe("ok");
    expect(payStatus(payer, request(40n))).toBe("insufficient-balance");
    expect(payStatus(payer, request(6n))).toBe("pin-required");
    payer.edit((state) => state.setBigUint64(440, 21n, true));
    expect(payStatus(payer, request(40n))).toBe("limit-value");
    payer.edit((state) => state.setBigUint64(440, MAX_U64, true));
    expect(payStatus(payer, request(1n))).toBe("limit-value");
    payer.edit((state) => state.setBigUint64(440, 20n, true));
    expect(payStatus(payer, request(5n))).toBe("ok");
    expect(payStatus(payer, request(40n))).toBe("limit-count");
    expect(payer.call("GetInfo", {})).toMatchObject({ balance: 5n, j: 2 });
    expect(payer.status("Resend", { kind: "payment", n: counter(3) })).toBe("unknown-payment");
  });

  it("keeps at most sixteen payments", () => {
    const payer = network.active();
    fund(payer, 1000n);
    const request = (r: number) =>
      signRequest(network.broken(), { x: 1n, r, challenge: CHALLENGE });
    for (let r = 1; r <= 16; r++) pay(payer, request(r));
    expect(payStatus(payer, request(17))).toBe("outbox-full");
    expect(payer.call("GetInfo", {})).toMatchObject({ balance: 984n, j: 16 });
  });

  it("neither wraps j nor its total", () => {
    const [payer, payee] = [network.active(), network.active()];
    fund(payer, 10n);
    payer.edit((state) => {
      state.setBigUint64(AT.paid, MAX_U64, true);
      state.setBigUint64(AT.balance, 11n, true);
    });
    expect(payStatus(payer, ask(payee, 1n))).toBe("overflow");
    payer.edit((state) => state.setUint32(AT.j, MAX_U32, true));
    expect(payStatus(payer, ask(payee, 1n))).toBe("counter-exhausted");
  });

  it("pays down to the last unit", () => {
    const [payer, payee] = [network.active(), network.active()];
    fund(payer, 10n);
    expect(payStatus(payer, ask(payee, 10n))).toBe("ok");
    expect(payer.call("GetInfo", {}).balance).toBe(0n);
  });

  it("writes its own time into P, never the wallet's", () => {
    const [payer, payee] = [network.active(), network.active()];
    fund(payer, 10n);
    const paid = pay(payer, ask(payee, 1n), START + 1000);
    expect(unwrap(payment.parse(paid)).payload.time).toBe(START);
  });
});

describe("RequestPayment", () => {
  it("holds at most eight, each with a challenge of its own, and all under the holding limit", () => {
    const device = network.active(home, limitsOf({ maxHolding: 80n }));
    const status = (x: bigint, replaces = 0): Status =>
      device.status("RequestPayment", {
        amount: amount(x),
        expires: seconds(0),
        replaces: counter(replaces),
      });
    expect(status(81n)).toBe("limit-holding");
    const challenges = Array.from(
      { length: 8 },
      () => unwrap(paymentRequest.parse(ask(device, 10n))).payload.challenge,
    );
    expect(new Set(challenges.map(toHex)).size).toBe(8);
    expect(status(1n)).toBe("requests-full");
    expect(status(11n, 3)).toBe("limit-holding");
    expect(device.call("GetInfo", {}).open).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(status(10n, 3)).toBe("ok");
    expect(status(10n, 3)).toBe("unknown-request");
    expect(device.call("GetInfo", {}).open).toEqual([1, 2, 4, 5, 6, 7, 8, 9]);
    const replaced = device.call("Resend", { kind: "outcome", n: counter(3) });
    expect(unwrap(outcome.parse(replaced)).payload).toEqual({ kind: "void", r: 3, amount: 10n });
  });

  it("is sent again as it was, and no longer once it has ended", () => {
    const device = network.active();
    const request = ask(device, 10n, START + 60);
    expect(unwrap(paymentRequest.parse(request)).payload.expires).toBe(START + 60);
    expect(device.call("Resend", { kind: "request", n: counter(1) })).toEqual(request);
    device.call("CancelRequest", { r: counter(1) });
    expect(device.status("Resend", { kind: "request", n: counter(1) })).toBe("unknown-request");
    expect(device.status("Resend", { kind: "outcome", n: counter(2) })).toBe("unknown-request");
    expect(device.status("CancelRequest", { r: counter(1) })).toBe("request-void");
    expect(device.status("CancelRequest", { r: counter(2) })).toBe("unknown-request");
  });

  it("leaves room for the next r", () => {
    const device = network.active();
    device.edit((state) => state.setUint32(AT.r, MAX_U32 - 2, true));
    ask(device, 1n);
    const input = { amount: amount(1n), expires: seconds(0), replaces: counter(0) };
    expect(device.status("RequestPayment", input)).toBe("counter-exhausted");
    expect(device.status("SyncRequest", {})).toBe("ok");
  });
});
