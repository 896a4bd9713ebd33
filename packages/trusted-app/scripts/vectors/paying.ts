import { amount, counter, fromHex, seconds, type Outcome } from "@bezant/protocol";
import { DAY, limitsOf, START } from "../../test/world/institutions.ts";
import {
  holderOf,
  signConfirmation,
  signPayeeOutcome,
  signProviderOutcome,
  signRequest,
  type Holder,
  withChain,
  without,
} from "../../test/world/signed.ts";
import { ask, type Active, type Cast } from "./cast.ts";
import type { Trace } from "./recorder.ts";

const CHALLENGE = new Uint8Array(8).fill(1);
const NEVER = seconds(0);

const requestOf = (payee: Holder, r: number, x: bigint, expires?: number): Uint8Array =>
  signRequest(payee, { x, r, challenge: CHALLENGE, ...(expires === undefined ? {} : { expires }) });

/** Whom a TA pays, what for, and how often. */
export function paying(cast: Cast): Trace {
  const { bank, other } = cast;
  const it = cast.active(limitsOf({ maxPayment: 500n, noPinCap: 900n }));
  cast.fund(it, 1000n);
  const payee = cast.ta();
  const asked = requestOf(payee, 1, 100n);
  const pay = (request: Uint8Array, hint: number = NEVER) => ({ request, hint: seconds(hint) });
  it.raw("malformed", "no request at all", 11, fromHex("824000"));
  const bare = pay(without(asked));
  it.refused("missing-certificate", "a request without a certificate", "Pay", bare);
  it.refused("self-payment", "its own request", "Pay", pay(ask(it, 100n)));
  const euro = cast.ta(cast.home, { currency: "USD" });
  it.refused("wrong-currency", "a payee of another currency", "Pay", pay(requestOf(euro, 1, 1n)));
  const late = pay(asked, START + 3651 * DAY);
  it.refused("expired", "after its own certificate's end, by the wallet's clock", "Pay", late);
  const changed = asked.with(-1, (asked.at(-1) ?? 0) ^ 1);
  it.refused("bad-signature", "a changed request", "Pay", pay(changed));
  const ended = pay(requestOf(payee, 9, 1n, START - 1));
  it.refused("request-expired", "a request that has ended", "Pay", ended);
  const dear = pay(requestOf(payee, 9, 501n));
  it.refused("limit-payment", "more than one payment may be", "Pay", dear);
  it.ok("a TA of its provider is paid", "Pay", pay(asked));
  it.ok("the same request again: the same payment", "Pay", pay(asked));
  const more = pay(requestOf(payee, 1, 101n));
  it.refused("request-mismatch", "the same request for more", "Pay", more);
  const stranger = cast.ta(other);
  const foreign = requestOf(stranger, 1, 300n);
  it.refused("unknown-issuer", "a payee of another provider", "Pay", pay(foreign));
  it.ok(
    "with that provider's chain",
    "Pay",
    pay(withChain(foreign, { ...stranger, provider: other })),
  );
  const wallet = holderOf(bank.wallet(cast.home));
  it.ok("a wallet is paid", "Pay", pay(requestOf(wallet, 1, 500n)));
  it.refused("insufficient-balance", "101 of 100", "Pay", pay(requestOf(payee, 2, 101n)));
  it.refused("pin-required", "1 more than goes without a PIN", "Pay", pay(requestOf(payee, 2, 1n)));
  it.ok("the second payment again", "Resend", { kind: "payment", n: counter(2) });
  it.refused("unknown-payment", "one that was never made", "Resend", {
    kind: "payment",
    n: counter(9),
  });
  it.ok("what it is now", "GetInfo", {});
  return it.trace("payments", "13.2");
}

function collected(it: Active, j: number, x: bigint, r: number): Outcome {
  return { kind: "collected", r: counter(r), sender: it.id, j: counter(j), amount: amount(x) };
}

/** How payments end, and when they are let go of. */
export function ending(cast: Cast): Trace {
  const { bank, home, other } = cast;
  const it = cast.active();
  cast.fund(it, 10_000n);
  const ta = cast.ta();
  const near = holderOf(bank.wallet(home));
  const far = bank.wallet(other);
  const pay = (request: Uint8Array, name: string): Uint8Array =>
    it.ok(name, "Pay", { request, hint: NEVER });
  pay(requestOf(ta, 1, 10n), "payment 1, to a TA");
  pay(requestOf(ta, 2, 10n), "payment 2, to the same");
  pay(requestOf(near, 1, 10n), "payment 3, to a wallet");
  pay(withChain(requestOf(holderOf(far), 1, 10n), far), "payment 4, to a wallet elsewhere");
  const settle = (outcome: Uint8Array) => ({ outcome });
  const good = signPayeeOutcome(ta, collected(it, 1, 10n, 1));
  it.refused(
    "missing-certificate",
    "an outcome without a certificate",
    "Settle",
    settle(without(good)),
  );
  const other1 = signPayeeOutcome(cast.ta(), collected(it, 1, 10n, 1));
  it.refused("unknown-payment", "by somebody else", "Settle", settle(other1));
  const less = signPayeeOutcome(ta, collected(it, 1, 9n, 1));
  it.refused("request-mismatch", "of another amount", "Settle", settle(less));
  it.ok("payment 1 was collected", "Settle", settle(good));
  it.refused("unknown-payment", "it is gone", "Settle", settle(good));
  const voided = { kind: "void", r: counter(2), amount: amount(10n) } as const;
  it.refused(
    "refund-due",
    "the request of payment 2 is void",
    "Settle",
    settle(signPayeeOutcome(ta, voided)),
  );
  it.ok("payment 2 comes back", "Deposit", {
    confirmation: signConfirmation(home, it.id, { d: 2, x: 10n, refundOf: 2 }),
  });
  const claimed = (receiver: string, j: number) =>
    ({ kind: "claimed", sender: it.id, j: counter(j), amount: amount(10n), receiver }) as Outcome;
  it.ok("payment 3 was claimed", "Settle", settle(signProviderOutcome(home, claimed(near.id, 3))));
  const byOther = signProviderOutcome(other, claimed(far.id, 4));
  it.refused(
    "unknown-issuer",
    "another provider's word without its chain",
    "Settle",
    settle(byOther),
  );
  const stranger = withChain(byOther, bank.wallet(other));
  it.refused("not-home", "about a wallet that is not the receiver", "Settle", settle(stranger));
  const never = { ...claimed(far.id, 4), kind: "never-settled" } as Outcome;
  const declined = withChain(signProviderOutcome(other, never), far);
  it.refused("refund-due", "payment 4 was declined", "Settle", settle(declined));
  it.ok("what it is now", "GetInfo", {});
  return it.trace("how payments end", "13.2");
}

/** Sixteen payments, and what makes room. */
export function outbox(cast: Cast): Trace {
  const { bank, home } = cast;
  const it = cast.active();
  cast.fund(it, 10_000n);
  const wallet = holderOf(bank.wallet(home));
  const pay = (r: number) => ({ request: requestOf(wallet, r, 10n), hint: NEVER });
  const received = (j: number, x = 10n) => ({
    outcome: signPayeeOutcome(wallet, {
      kind: "received",
      r: counter(j),
      sender: it.id,
      j: counter(j),
      amount: amount(x),
    }),
  });
  for (let j = 1; j <= 15; j += 1) it.ok(`payment ${j}`, "Pay", pay(j));
  it.refused("outbox-not-full", "there is room", "Release", received(1));
  it.ok("payment 16", "Pay", pay(16));
  it.refused("outbox-full", "a seventeenth", "Pay", pay(17));
  it.refused("unknown-payment", "payment 17 was received", "Release", received(17));
  it.refused("request-mismatch", "payment 1 was, but less", "Release", received(1, 9n));
  it.ok("payment 1 was received", "Release", received(1));
  it.ok("now there is room", "Pay", pay(17));
  return it.trace("an outbox of sixteen payments", "13.2");
}
