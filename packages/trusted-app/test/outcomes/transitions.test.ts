import { unwrap, type Result } from "@bezant/protocol";
import { describe, expect, it } from "vitest";
import {
  cancelRequest,
  collect,
  confirm,
  openRequest,
  pay,
  release,
  settle,
  MAX_OUTCOMES,
  MAX_PAYMENTS,
  MAX_REQUESTS,
  MAX_U32,
  type Purse,
  type Step,
} from "../../src/outcomes/index.ts";
import { emptyPurse } from "./purse.ts";

const U64 = 0xffff_ffff_ffff_ffffn;
const payee = "aa".repeat(32);
const empty: Purse = emptyPurse(1, 1_000n);
const rich: Purse = { ...empty, balance: 900n, deposited: 900n };

const request = (purse: Purse, amount = 10n, replaces = 0) =>
  openRequest(purse, { amount, expires: 0, replaces }, () => `challenge ${purse.r + 1}`);
const order = (r: number, amount = 10n) =>
  ({ payee, payeeClass: "ta", r, amount, challenge: `challenge ${r}`, time: 0 }) as const;
const payOrder = (purse: Purse, r: number, amount = 10n) =>
  pay(purse, order(r, amount), ({ j }) => `signature ${j}`);
const incoming = (r: number, index = 1, amount = 10n) => {
  return { r, challenge: `challenge ${r}`, amount, sender: payee, index };
};
const collectedNotice = (r: number, index: number) =>
  ({ kind: "collected", payee, r, amount: 10n, sender: rich.id, index }) as const;
const refund = (d: number, refundOf: number) => ({ d, amount: 10n, digest: `${d}`, refundOf });

function after<V>(result: Result<Step<Purse, V>, string>): Purse {
  return unwrap(result).purse;
}
function times(count: number, purse: Purse, step: (purse: Purse, n: number) => Purse): Purse {
  return Array.from({ length: count }, (_, n) => n + 1).reduce(step, purse);
}
const refused = (error: string) => ({ ok: false, error });

describe("a request", () => {
  const open = after(request(empty));

  it("ends as collected once: the same payment gives the same outcome, another is refused", () => {
    const collected = unwrap(collect(open, incoming(1)));
    expect(collected.purse.balance).toBe(10n);
    const again = unwrap(collect(collected.purse, incoming(1)));
    expect(again).toEqual({ purse: collected.purse, value: collected.value, events: [] });
    expect(collect(collected.purse, incoming(1, 2))).toEqual(refused("request-collected"));
    expect(cancelRequest(collected.purse, 1)).toEqual(refused("request-collected"));
  });

  it("ends as void once, cancelled or replaced, and is never collected then", () => {
    const cancelled = after(cancelRequest(open, 1));
    expect(collect(cancelled, incoming(1))).toEqual(refused("request-void"));
    expect(cancelRequest(cancelled, 1)).toEqual(refused("request-void"));
    const replaced = after(request(open, 20n, 1));
    expect(replaced.requests.map(({ r }) => r)).toEqual([2]);
    expect(collect(replaced, incoming(1))).toEqual(refused("request-void"));
    expect(request(replaced, 20n, 1)).toEqual(refused("unknown-request"));
  });

  it("is answered only by its own challenge and amount", () => {
    expect(collect(open, incoming(1, 1, 11n))).toEqual(refused("request-mismatch"));
    const guessed = { ...incoming(1), challenge: "challenge 2" };
    expect(collect(open, guessed)).toEqual(refused("request-mismatch"));
    expect(collect(open, incoming(2))).toEqual(refused("unknown-request"));
  });

  it("holds headroom, and is one of at most eight", () => {
    const full = times(MAX_REQUESTS, empty, (purse) => after(request(purse)));
    expect(request(full)).toEqual(refused("requests-full"));
    expect(request(full, 930n, 1).ok).toBe(true);
    expect(request(full, 931n, 1)).toEqual(refused("limit-holding"));
    expect(request({ ...full, reserved: 1n }, 930n, 1)).toEqual(refused("limit-holding"));
    expect(request({ ...empty, r: MAX_U32 - 1 })).toEqual(refused("counter-exhausted"));
  });

  it("is forgotten when sixteen later ones have ended", () => {
    const one = after(cancelRequest(open, 1));
    const many = times(MAX_OUTCOMES, one, (purse, n) =>
      after(cancelRequest(after(request(purse)), n + 1)),
    );
    expect(many.outcomes).toHaveLength(MAX_OUTCOMES);
    expect(cancelRequest(many, 1)).toEqual(refused("unknown-request"));
    expect(cancelRequest(many, 2)).toEqual(refused("request-void"));
  });

  it("is not collected over 64 bits", () => {
    const brim = { ...open, balance: U64 - 9n, collected: 0n };
    expect(collect(brim, incoming(1))).toEqual(refused("overflow"));
    expect(collect({ ...open, collected: U64 - 9n }, incoming(1))).toEqual(refused("overflow"));
  });
});

describe("a payment", () => {
  const paid = after(payOrder(rich, 7));

  it("is made once for each request, and repeated as it was", () => {
    expect(paid.balance).toBe(890n);
    expect(unwrap(payOrder(paid, 7))).toEqual({ purse: paid, value: paid.payments[0], events: [] });
    expect(payOrder(paid, 7, 11n)).toEqual(refused("request-mismatch"));
  });

  it("is refused without money, without room, and at the end of the counters", () => {
    expect(payOrder(rich, 7, 901n)).toEqual(refused("insufficient-balance"));
    const full = times(MAX_PAYMENTS, rich, (purse, n) => after(payOrder(purse, n)));
    expect(payOrder(full, 99)).toEqual(refused("outbox-full"));
    expect(payOrder(full, 16).ok).toBe(true);
    expect(payOrder({ ...rich, j: MAX_U32 }, 7)).toEqual(refused("counter-exhausted"));
    expect(payOrder({ ...rich, paid: U64 }, 7)).toEqual(refused("overflow"));
  });

  it("to a wallet makes room in a full outbox once that wallet has it", () => {
    const toWallet = (purse: Purse, r: number) =>
      pay(purse, { ...order(r), payeeClass: "wallet" }, ({ j }) => `signature ${j}`);
    const full = times(MAX_PAYMENTS, rich, (purse, n) => after(toWallet(purse, n)));
    const receipt = { payee, r: 3, amount: 10n, sender: rich.id, index: 3 };
    for (const other of [{ payee: empty.id }, { r: 4 }, { sender: payee }, { index: 4 }]) {
      expect(release(full, { ...receipt, ...other })).toEqual(refused("unknown-payment"));
    }
    expect(release(full, { ...receipt, amount: 9n })).toEqual(refused("request-mismatch"));
    const released = unwrap(release(full, receipt));
    expect(released.payments.map(({ j }) => j)).not.toContain(3);
    expect(toWallet(released, 99).ok).toBe(true);
    expect(release(released, { ...receipt, r: 4, index: 4 })).toEqual(refused("outbox-not-full"));
    const toTas = times(MAX_PAYMENTS, rich, (purse, n) => after(payOrder(purse, n)));
    expect(release(toTas, receipt)).toEqual(refused("unknown-payment"));
  });

  it("leaves the outbox on the outcome that names it; any other end awaits the refund", () => {
    const mine = collectedNotice(7, 1);
    expect(after(settle(paid, mine)).payments).toEqual([]);
    expect(settle(paid, { ...mine, index: 2 })).toEqual(refused("refund-due"));
    expect(settle(paid, { ...mine, sender: payee })).toEqual(refused("refund-due"));
    expect(settle(paid, { ...mine, amount: 11n })).toEqual(refused("request-mismatch"));
    expect(settle(paid, { ...mine, r: 8 })).toEqual(refused("unknown-payment"));
    const voided = { kind: "void", payee, r: 7, amount: 10n } as const;
    expect(settle(paid, voided)).toEqual(refused("refund-due"));
    expect(settle(paid, { ...voided, amount: 9n })).toEqual(refused("request-mismatch"));
  });

  it("to a wallet leaves the outbox when claimed, and awaits the refund when declined", () => {
    const toWallet = after(pay(rich, { ...order(7), payeeClass: "wallet" }, () => "signature 1"));
    const claim = { kind: "claimed", payee, sender: rich.id, index: 1, amount: 10n } as const;
    expect(after(settle(toWallet, claim)).payments).toEqual([]);
    expect(settle(toWallet, { ...claim, sender: payee })).toEqual(refused("unknown-payment"));
    expect(settle(toWallet, { ...claim, kind: "never-settled" })).toEqual(refused("refund-due"));
  });

  it("is settled by the kind of outcome that belongs to its payee", () => {
    const toWallet = after(pay(rich, { ...order(7), payeeClass: "wallet" }, () => "signature 1"));
    expect(settle(toWallet, collectedNotice(7, 1))).toEqual(refused("unknown-payment"));
    const claim = { kind: "claimed", payee, sender: rich.id, index: 1, amount: 10n } as const;
    expect(settle(paid, claim)).toEqual(refused("unknown-payment"));
  });

  it("of a payee that gave one number twice is settled by the outcome that names it", () => {
    const second = { ...order(7), challenge: "another" };
    const both = after(pay(paid, second, () => "signature 2"));
    expect(after(settle(both, collectedNotice(7, 2))).payments.map(({ j }) => j)).toEqual([1]);
  });
});

describe("a confirmation", () => {
  const one = after(confirm(empty, { d: 1, amount: 10n, digest: "1" }));

  it("is applied once, in its order, and frees the headroom reserved for it", () => {
    const reserved = { ...empty, reserved: 10n };
    expect(after(confirm(reserved, { d: 1, amount: 10n, digest: "1" }))).toEqual(one);
    expect(after(confirm(one, { d: 1, amount: 10n, digest: "1" }))).toEqual(one);
    expect(confirm(one, { d: 1, amount: 11n, digest: "x" })).toEqual(refused("deposit-conflict"));
    expect(confirm(one, { d: 0, amount: 10n, digest: "0" })).toEqual(refused("deposit-stale"));
    expect(confirm(one, { d: 3, amount: 10n, digest: "3" })).toEqual(refused("deposit-gap"));
  });

  it("is never refused for limits, only where 64 bits end", () => {
    expect(after(confirm(empty, { d: 1, amount: U64, digest: "1" })).balance).toBe(U64);
    expect(confirm(one, { d: 2, amount: U64, digest: "2" })).toEqual(refused("overflow"));
    const spent = { ...one, deposited: U64 };
    expect(confirm(spent, { d: 2, amount: 1n, digest: "2" })).toEqual(refused("overflow"));
  });

  it("of a refund takes the payment out of the outbox, if it is still there", () => {
    const paid = after(payOrder(rich, 7));
    const refunded = after(confirm(paid, refund(1, 1)));
    expect(refunded).toMatchObject({ balance: 900n, payments: [] });
    expect(after(confirm(refunded, refund(1, 1)))).toEqual(refunded);
    expect(after(confirm(paid, refund(1, 9))).payments).toHaveLength(1);
  });
});
