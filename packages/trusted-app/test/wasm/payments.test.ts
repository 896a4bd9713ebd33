import {
  amount,
  attach,
  counter,
  currency,
  fromHex,
  outcome,
  payment,
  paymentRequest,
  seconds,
  toHex,
  unwrap,
  walletIdOf,
  type Outcome,
} from "@bezant/protocol";
import { describe, expect, it } from "vitest";
import type { Status } from "../../src/commands.ts";
import { DAY, limitsOf, START, type Wallet } from "../world/institutions.ts";
import {
  holderOf,
  signConfirmation,
  signPayeeOutcome,
  signPayment,
  signProviderOutcome,
  signRequest,
  type PaymentTerms,
} from "../world/signed.ts";
import type { Device } from "./support/device.ts";
import { ask, fund, Network, pay, withChain, type Enrolled } from "./support/network.ts";

const network = new Network(5);
const { bank, home, other } = network;
const MAX_U32 = 0xffff_ffff;
const MAX_U64 = 0xffff_ffff_ffff_ffffn;
const END = START + 3650 * DAY;
const CHALLENGE = new Uint8Array(8).fill(1);
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const [BALANCE, J, R, PAID, COLLECTED, EXP, TIME] = [368, 456, 460, 520, 528, 312, 436];

function payStatus(device: Device, request: Uint8Array, hint = 0): Status {
  return device.status("Pay", { request, hint: seconds(hint) });
}

function without(message: Uint8Array): Uint8Array {
  return unwrap(attach(message, {}));
}

/** The other of the two signatures that ECDSA makes out of one: s becomes n - s. */
function malleated(message: Uint8Array): Uint8Array {
  const at = message.length - 32;
  const s = BigInt(`0x${toHex(message.subarray(at))}`);
  const flipped = fromHex((ORDER - s).toString(16).padStart(64, "0"));
  return Uint8Array.of(...message.subarray(0, at), ...flipped);
}

describe("Pay", () => {
  it("is refused once the certificate has expired by the TA's time or the wallet's", () => {
    const [payer, payee] = [network.active(), network.active()];
    fund(payer, 100n);
    const request = ask(payee, 10n);
    expect(payStatus(payer, request, END + 1)).toBe("expired");
    expect(payStatus(payer, ask(payee, 5n), END)).toBe("ok");
    expect(payStatus(payer, new Uint8Array(), END + 1)).toBe("expired");
    payer.edit((state) => state.setUint32(TIME, END + 1, true));
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
      state.setBigUint64(PAID, MAX_U64, true);
      state.setBigUint64(BALANCE, 11n, true);
    });
    expect(payStatus(payer, ask(payee, 1n))).toBe("overflow");
    payer.edit((state) => state.setUint32(J, MAX_U32, true));
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
    device.edit((state) => state.setUint32(R, MAX_U32 - 2, true));
    ask(device, 1n);
    const input = { amount: amount(1n), expires: seconds(0), replaces: counter(0) };
    expect(device.status("RequestPayment", input)).toBe("counter-exhausted");
    expect(device.status("SyncRequest", {})).toBe("ok");
  });
});

describe("Collect", () => {
  function asked(x = 10n, payee = network.active()) {
    const { challenge, r } = unwrap(paymentRequest.parse(ask(payee, x))).payload;
    const terms: PaymentTerms = { x, receiver: payee.id, receiverClass: "ta", j: 1, r, challenge };
    return { payee, terms };
  }
  const collect = (payee: Enrolled, bytes: Uint8Array): Status =>
    payee.status("Collect", { payment: bytes });

  it("takes only a basic payment to this very TA, from a TA of its currency", () => {
    const { payee, terms } = asked();
    const sender = network.broken();
    const paid = signPayment(sender, terms);
    expect(collect(payee, without(paid))).toBe("missing-certificate");
    expect(collect(payee, signPayment(sender, { ...terms, type: "conditional" }))).toBe(
      "unsupported-payment-type",
    );
    const conditional = without(signPayment(sender, { ...terms, type: "conditional" }));
    expect(collect(payee, conditional)).toBe("missing-certificate");
    const elsewhere = { ...terms, receiver: network.active().id };
    expect(collect(payee, signPayment(sender, elsewhere))).toBe("wrong-audience");
    expect(collect(payee, signPayment(sender, { ...terms, receiverClass: "wallet" }))).toBe(
      "wrong-audience",
    );
    const unreadable = { certificate: Uint8Array.of(0) };
    expect(collect(payee, unwrap(attach(paid, unreadable)))).toBe("malformed");
    const toOther = signPayment(sender, elsewhere);
    expect(collect(payee, unwrap(attach(toOther, unreadable)))).toBe("wrong-audience");
    const wallet = bank.wallet(home);
    expect(collect(payee, signPayment(holderOf(wallet), terms))).toBe("wrong-role");
    const usd = network.broken(home, { currency: currency("USD") });
    expect(collect(payee, signPayment(usd, terms))).toBe("wrong-currency");
    expect(
      collect(payee, unwrap(attach(paid, { certificate: network.broken().certificate }))),
    ).toBe("bad-signature");
    expect(collect(payee, signPayment({ ...sender, home: other.id }, terms))).toBe("bad-signature");
    expect(collect(payee, malleated(paid))).toBe("bad-signature");
    expect(payee.call("GetInfo", {}).balance).toBe(0n);
    expect(collect(payee, paid)).toBe("ok");
  });

  it("honours a sender's certificate, and those above it, for thirty days after their end", () => {
    const end = { exp: seconds(START + 9) };
    const late = (provider: typeof home, seconds_: number): Status => {
      const { payee, terms } = asked();
      payee.edit((state) => state.setUint32(TIME, seconds_, true));
      const sender = network.broken(provider, end);
      const paid = signPayment(sender, terms);
      return collect(payee, withChain(paid, { certificate: sender.certificate, provider }));
    };
    const shortLived = bank.provider("bank-c", end);
    const intermediary = bank.certify(bank.root, {
      role: "intermediary",
      sub: bank.intermediary.id,
      key: bank.intermediary.key.publicKey.compressed,
      ...end,
    });
    const underShortLived = { ...shortLived, chain: [shortLived.chain[0], intermediary] } as const;
    for (const provider of [home, other, shortLived, underShortLived]) {
      expect(late(provider, START + 9 + 30 * DAY)).toBe("ok");
      expect(late(provider, START + 10 + 30 * DAY)).toBe("expired");
    }
  });

  it("works when its own certificate has expired", () => {
    const { payee, terms } = asked();
    payee.edit((state) => state.setUint32(EXP, START - 1, true));
    expect(collect(payee, signPayment(network.broken(), terms))).toBe("ok");
  });

  it("ends each request once, and gives the same outcome to whoever repeats its payment", () => {
    const { payee, terms } = asked();
    const [first, second] = [network.broken(), network.broken()];
    expect(collect(payee, signPayment(first, { ...terms, x: 11n }))).toBe("request-mismatch");
    const another = terms.challenge.with(0, (terms.challenge[0] as number) ^ 1);
    expect(collect(payee, signPayment(first, { ...terms, challenge: another }))).toBe(
      "request-mismatch",
    );
    const paid = signPayment(first, terms);
    const receipt = payee.call("Collect", { payment: paid });
    expect(payee.call("Collect", { payment: paid })).toEqual(receipt);
    expect(payee.os.staged).toBe(false);
    expect(payee.call("Resend", { kind: "outcome", n: terms.r as never })).toEqual(receipt);
    expect(collect(payee, signPayment(first, { ...terms, j: 2 }))).toBe("request-collected");
    expect(collect(payee, signPayment(second, terms))).toBe("request-collected");
    expect(payee.call("GetInfo", {}).balance).toBe(10n);
    expect(payee.status("CancelRequest", { r: counter(1) })).toBe("request-collected");
  });

  it("refuses a payment of a request that is void, unknown, or out of the ring", () => {
    const { payee, terms } = asked();
    const paid = signPayment(network.broken(), terms);
    payee.call("CancelRequest", { r: counter(terms.r) });
    expect(collect(payee, paid)).toBe("request-void");
    expect(collect(payee, signPayment(network.broken(), { ...terms, r: 99 }))).toBe(
      "unknown-request",
    );
    for (let i = 0; i < 15; i++) ask(payee, 1n, 0, i === 0 ? 0 : i + 1);
    payee.call("CancelRequest", { r: counter(16) });
    expect(collect(payee, paid)).toBe("request-void");
    ask(payee, 1n);
    payee.call("CancelRequest", { r: counter(17) });
    expect(collect(payee, paid)).toBe("unknown-request");
  });

  it("does not wrap the balance or its total", () => {
    const { payee, terms } = asked(10n);
    payee.edit((state) => {
      state.setBigUint64(COLLECTED, MAX_U64 - 9n, true);
      state.setBigUint64(BALANCE, MAX_U64 - 9n, true);
    });
    const paid = signPayment(network.broken(), terms);
    expect(collect(payee, paid)).toBe("overflow");
    payee.edit((state) => {
      state.setBigUint64(PAID, MAX_U64 - 9n, true);
      state.setBigUint64(BALANCE, 0n, true);
    });
    expect(collect(payee, paid)).toBe("overflow");
  });
});

describe("Release", () => {
  /** A payer that has paid 1 to each of these payees in turn, request 1 as payment 1 and so on. */
  function paid(times: number, ...payees: readonly Wallet[]) {
    const payer = network.active();
    fund(payer, 100n);
    for (let r = 1; r <= times; r++) {
      const payee = payees[(r - 1) % payees.length]!;
      const request = signRequest(holderOf(payee), { x: 1n, r, challenge: CHALLENGE });
      pay(payer, withChain(request, payee));
    }
    return payer;
  }
  const received = (payer: Enrolled, n: number, changes: object = {}): Outcome =>
    ({ kind: "received", r: n, sender: payer.id, j: n, amount: 1n, ...changes }) as Outcome;
  const release = (payer: Enrolled, bytes: Uint8Array): Status =>
    payer.status("Release", { outcome: bytes });
  const kept = (payer: Enrolled) => payer.call("GetInfo", {}).unsettled;

  it("makes room on the word of a payee's wallet that it has P, only when there is none", () => {
    const [near, far] = [bank.wallet(home), bank.wallet(other)];
    const payer = paid(15, near, far);
    const [first, second] = [1, 2].map((n) =>
      signPayeeOutcome(holderOf(n === 1 ? near : far), received(payer, n)),
    ) as [Uint8Array, Uint8Array];
    expect(release(payer, first)).toBe("outbox-not-full");
    const more = (r: number) => signRequest(holderOf(near), { x: 1n, r, challenge: CHALLENGE });
    pay(payer, more(16));
    expect(payStatus(payer, more(17))).toBe("outbox-full");
    expect(release(payer, second)).toBe("ok");
    expect(kept(payer)).toEqual([1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
    expect(payStatus(payer, more(17))).toBe("ok");
    expect(release(payer, second)).toBe("unknown-payment");
    expect(release(payer, first)).toBe("ok");
    expect(kept(payer)[0]).toBe(3);
  });

  it("takes nobody else's word, nor another word of the payee's", () => {
    const near = bank.wallet(home);
    const payer = paid(16, near);
    const say = (said: Outcome, by = holderOf(near)): Status =>
      release(payer, signPayeeOutcome(by, said));
    const good = signPayeeOutcome(holderOf(near), received(payer, 4));
    expect(release(payer, Uint8Array.of(0))).toBe("malformed");
    expect(release(payer, without(good))).toBe("missing-certificate");
    expect(say(received(payer, 4, { kind: "collected" }))).toBe("malformed");
    const claimed = { kind: "claimed", sender: payer.id, j: 4, amount: 1n, receiver: near.id };
    expect(release(payer, signProviderOutcome(home, claimed as unknown as Outcome))).toBe(
      "malformed",
    );
    expect(say(received(payer, 4), holderOf(bank.wallet(home)))).toBe("unknown-payment");
    expect(say(received(payer, 4, { sender: network.active().id }))).toBe("unknown-payment");
    expect(say(received(payer, 4, { r: 5 }))).toBe("unknown-payment");
    expect(say(received(payer, 17))).toBe("unknown-payment");
    expect(say(received(payer, 4, { amount: 2n }))).toBe("request-mismatch");
    const forged = { ...holderOf(near), key: bank.newKey() };
    expect(say(received(payer, 4), forged)).toBe("bad-signature");
    expect(say(received(payer, 4), { ...holderOf(near), id: payer.id })).toBe("bad-signature");
    expect(release(payer, malleated(good))).toBe("bad-signature");
    expect(kept(payer)).toHaveLength(16);
    expect(release(payer, good)).toBe("ok");
  });

  it("lets go of no payment to a TA, which can settle it", () => {
    const payer = network.active();
    fund(payer, 100n);
    const payee = network.broken();
    for (let r = 1; r <= 16; r++)
      pay(payer, signRequest(payee, { x: 1n, r, challenge: CHALLENGE }));
    const asWallet = { ...payee, id: walletIdOf(home.id, payee.key.publicKey) };
    for (const by of [payee, asWallet]) {
      expect(release(payer, signPayeeOutcome(by, received(payer, 4)))).toBe("unknown-payment");
    }
  });
});

describe("Settle", () => {
  /** A payer that has paid 10 to a TA (j 1), to a wallet of its provider (j 2), and to another's (j 3). */
  function paidThree() {
    const payer = network.active();
    fund(payer, 100n);
    const ta = network.broken();
    const near = bank.wallet(home);
    const far = bank.wallet(other);
    for (const payee of [ta, holderOf(near), holderOf(far)]) {
      const request = signRequest(payee, { x: 10n, r: 5, challenge: CHALLENGE });
      const { provider } = payee.id === far.id ? far : near;
      pay(payer, withChain(request, { certificate: payee.certificate, provider }));
    }
    return { payer, ta, near, far };
  }
  const settle = (payer: Enrolled, bytes: Uint8Array): Status =>
    payer.status("Settle", { outcome: bytes });
  const ended = (
    kind: "collected" | "claimed" | "never-settled",
    payer: Enrolled,
    j: number,
    receiver = "",
  ) => ({ kind, r: 5, sender: payer.id, j, amount: 10n, receiver }) as unknown as Outcome;
  const collected = (payer: Enrolled, j: number, x = 10n, r = 5): Outcome => ({
    kind: "collected",
    r: counter(r),
    sender: payer.id,
    j: counter(j),
    amount: amount(x),
  });
  const voided = (r: number, x = 10n): Outcome => ({
    kind: "void",
    r: counter(r),
    amount: amount(x),
  });

  it("takes the payee's own word for its request, and only with its certificate", () => {
    const { payer, ta } = paidThree();
    const good = signPayeeOutcome(ta, collected(payer, 1));
    expect(settle(payer, without(good))).toBe("missing-certificate");
    const stranger = network.broken();
    expect(settle(payer, signPayeeOutcome(stranger, collected(payer, 1)))).toBe("unknown-payment");
    const forged = signPayeeOutcome({ ...ta, key: stranger.key }, collected(payer, 1));
    expect(settle(payer, forged)).toBe("bad-signature");
    expect(settle(payer, malleated(good))).toBe("bad-signature");
    expect(settle(payer, signPayeeOutcome(ta, collected(payer, 1, 11n)))).toBe("request-mismatch");
    expect(settle(payer, signPayeeOutcome(ta, collected(payer, 1, 10n, 6)))).toBe(
      "unknown-payment",
    );
    expect(settle(payer, signPayeeOutcome(ta, collected(payer, 2)))).toBe("refund-due");
    expect(settle(payer, signPayeeOutcome(ta, collected(network.active(), 1)))).toBe("refund-due");
    expect(settle(payer, signPayeeOutcome(ta, voided(5)))).toBe("refund-due");
    expect(settle(payer, signPayeeOutcome(ta, voided(5, 9n)))).toBe("request-mismatch");
    expect(settle(payer, signPayeeOutcome(ta, voided(6)))).toBe("unknown-payment");
    expect(payer.call("GetInfo", {}).unsettled).toEqual([1, 2, 3]);
    expect(settle(payer, good)).toBe("ok");
    expect(payer.call("GetInfo", {}).unsettled).toEqual([2, 3]);
    expect(settle(payer, good)).toBe("unknown-payment");
  });

  it("looks at neither chain nor validity of the payee's certificate", () => {
    const { payer, ta } = paidThree();
    const expired = bank.taCertificate(home, ta.key.publicKey.compressed, limitsOf(), {
      exp: seconds(START - 1),
    });
    expect(
      settle(payer, signPayeeOutcome({ ...ta, certificate: expired }, collected(payer, 1))),
    ).toBe("ok");
  });

  it("finds the payment that is settled among several of one request", () => {
    const payer = network.active();
    fund(payer, 100n);
    const payee = network.broken();
    for (const [r, x] of [
      [5, 10n],
      [5, 11n],
      [6, 12n],
      [6, 13n],
    ] as const) {
      pay(payer, signRequest(payee, { x, r, challenge: CHALLENGE.with(0, Number(x)) }));
    }
    const say = (said: Outcome): Status => settle(payer, signPayeeOutcome(payee, said));
    // The first of those that match is the one whose amount counts.
    expect(say(voided(5, 10n))).toBe("refund-due");
    expect(say(voided(5, 11n))).toBe("request-mismatch");
    expect(say(voided(6, 12n))).toBe("refund-due");
    expect(say(voided(6, 13n))).toBe("request-mismatch");
    expect(say(collected(payer, 2, 11n, 5))).toBe("ok");
    expect(say(collected(payer, 4, 13n, 6))).toBe("ok");
    expect(payer.call("GetInfo", {}).unsettled).toEqual([1, 3]);
  });

  it("takes the home provider's word for a payment to a wallet", () => {
    const { payer, near, ta } = paidThree();
    const claimed = signProviderOutcome(home, ended("claimed", payer, 2, near.id));
    expect(settle(payer, signProviderOutcome(home, ended("claimed", payer, 3, near.id)))).toBe(
      "unknown-payment",
    );
    expect(settle(payer, signProviderOutcome(home, ended("claimed", payer, 1, ta.id)))).toBe(
      "unknown-payment",
    );
    expect(
      settle(payer, signProviderOutcome(home, ended("claimed", network.active(), 2, near.id))),
    ).toBe("unknown-payment");
    const other10 = { ...ended("claimed", payer, 2, near.id), amount: amount(11n) };
    expect(settle(payer, signProviderOutcome(home, other10))).toBe("request-mismatch");
    expect(settle(payer, malleated(claimed))).toBe("bad-signature");
    expect(
      settle(payer, signProviderOutcome(home, ended("never-settled", payer, 2, near.id))),
    ).toBe("refund-due");
    // A TA does not end a payment to a wallet.
    expect(settle(payer, signPayeeOutcome(holderOf(near), collected(payer, 2)))).toBe(
      "unknown-payment",
    );
    expect(settle(payer, claimed)).toBe("ok");
    expect(payer.call("GetInfo", {}).unsettled).toEqual([1, 3]);
  });

  it("takes another provider's word only for that provider's own client", () => {
    const { payer, near, far } = paidThree();
    const claimed = signProviderOutcome(other, ended("claimed", payer, 3, far.id));
    expect(settle(payer, claimed)).toBe("unknown-issuer");
    expect(settle(payer, unwrap(attach(claimed, { chain: other.chain })))).toBe(
      "missing-certificate",
    );
    const { certificate } = near;
    expect(settle(payer, unwrap(attach(claimed, { chain: other.chain, certificate })))).toBe(
      "not-home",
    );
    const foreign = signProviderOutcome(other, ended("claimed", payer, 2, near.id));
    expect(settle(payer, unwrap(attach(foreign, { chain: other.chain, certificate })))).toBe(
      "not-home",
    );
    expect(settle(payer, withChain(claimed, far))).toBe("ok");
    expect(payer.call("GetInfo", {}).unsettled).toEqual([1, 2]);
  });

  it("takes a later key of the home provider with its chain, and no wallet's certificate", () => {
    const { payer, near } = paidThree();
    const next = bank.provider("bank-a");
    const claimed = signProviderOutcome(next, ended("claimed", payer, 2, near.id));
    expect(settle(payer, claimed)).toBe("unknown-issuer");
    expect(settle(payer, unwrap(attach(claimed, { chain: next.chain })))).toBe("ok");
  });

  it("leaves a payment that is due for a refund to the refund", () => {
    const { payer, ta } = paidThree();
    expect(settle(payer, signPayeeOutcome(ta, voided(5)))).toBe("refund-due");
    expect(payer.os.staged).toBe(false);
    const confirmation = signConfirmation(home, payer.id, { d: 2, x: 10n, refundOf: 1 });
    expect(payer.call("Deposit", { confirmation })).toEqual({ balance: 80n });
    expect(settle(payer, signPayeeOutcome(ta, voided(5)))).toBe("unknown-payment");
  });
});
