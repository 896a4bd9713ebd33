import {
  amount,
  attach,
  counter,
  seconds,
  unwrap,
  walletIdOf,
  type Outcome,
} from "@bezant/protocol";
import { describe, expect, it } from "vitest";
import type { Status } from "../../src/commands.ts";
import { limitsOf, START, type Wallet } from "../world/institutions.ts";
import {
  holderOf,
  signConfirmation,
  signPayeeOutcome,
  signProviderOutcome,
  signRequest,
  withChain,
  without,
} from "../world/signed.ts";
import type { Device } from "./support/device.ts";
import { CHALLENGE, malleated } from "./support/messages.ts";
import { fund, Network, pay, type Enrolled } from "./support/network.ts";

const network = new Network(5);
const { bank, home, other } = network;

function payStatus(device: Device, request: Uint8Array, hint = 0): Status {
  return device.status("Pay", { request, hint: seconds(hint) });
}

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
