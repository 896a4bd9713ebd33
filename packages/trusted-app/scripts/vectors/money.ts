import { amount, attach, counter, unwrap } from "@bezant/protocol";
import { limitsOf } from "../../test/world/institutions.ts";
import { signAcknowledgement, signConfirmation } from "../../test/world/signed.ts";
import type { Cast } from "./cast.ts";
import type { Trace } from "./recorder.ts";

const MAX = 0xffff_ffff_ffff_ffffn;

/** Deposits and withdrawals, in and out of their turn. */
export function deposits(cast: Cast): Trace {
  const { home, other } = cast;
  const it = cast.active();
  const confirmed = (d: number, x: bigint, by = home, to = it.id) => ({
    confirmation: signConfirmation(by, to, { d, x }),
  });
  const tooMuch = { amount: amount(100_001n) };
  it.refused("limit-holding", "more than it may hold", "ReserveDeposit", tooMuch);
  it.ok("it reserves 5000", "ReserveDeposit", { amount: amount(5000n) });
  it.refused("deposit-gap", "the second confirmation first", "Deposit", confirmed(2, 5000n));
  it.refused("unknown-issuer", "another provider's", "Deposit", confirmed(1, 5000n, other));
  const { confirmation } = confirmed(1, 5000n, other);
  const brought = { confirmation: unwrap(attach(confirmation, { chain: other.chain })) };
  it.refused("not-home", "another provider's, with its chain", "Deposit", brought);
  const turned = {
    confirmation: unwrap(attach(confirmation, { chain: [other.chain[1], other.chain[0]] })),
  };
  it.refused("wrong-role", "with its chain turned round", "Deposit", turned);
  const others = { confirmation: unwrap(attach(confirmation, { chain: home.chain })) };
  it.refused("unknown-issuer", "with the chain of another key", "Deposit", others);
  const neighbour = cast.ta().id;
  it.refused("bad-signature", "for another TA", "Deposit", confirmed(1, 5000n, home, neighbour));
  const acknowledgement = signAcknowledgement(home, it.id, 1);
  it.refused("wrong-type", "a message of another kind", "Deposit", {
    confirmation: acknowledgement,
  });
  it.ok("the first confirmation", "Deposit", confirmed(1, 5000n));
  it.ok("the same again", "Deposit", confirmed(1, 5000n));
  it.refused("deposit-conflict", "the first for another amount", "Deposit", confirmed(1, 5001n));
  it.ok("the second", "Deposit", confirmed(2, 1000n));
  it.refused("deposit-stale", "the first after the second", "Deposit", confirmed(1, 5000n));
  it.refused("insufficient-balance", "6001 of 6000", "Withdraw", { amount: amount(6001n) });
  for (let w = 1; w <= 4; w += 1) it.ok(`withdrawal ${w}`, "Withdraw", { amount: amount(100n) });
  it.refused("outbox-full", "a fifth without an acknowledgement", "Withdraw", {
    amount: amount(1n),
  });
  it.ok("the second confirmation again, and the balance of now", "Deposit", confirmed(2, 1000n));
  it.ok("withdrawal 2 again", "Resend", { kind: "withdrawal", n: counter(2) });
  const ahead = { acknowledgement: signAcknowledgement(home, it.id, 5) };
  it.refused("ack-ahead", "what was not withdrawn is acknowledged", "AckWithdraw", ahead);
  it.ok("the first three are acknowledged", "AckWithdraw", {
    acknowledgement: signAcknowledgement(home, it.id, 3),
  });
  it.refused("unknown-withdrawal", "withdrawal 2 is gone", "Resend", {
    kind: "withdrawal",
    n: counter(2),
  });
  it.ok("what it is now", "GetInfo", {});
  return it.trace("deposits and withdrawals", "13.2");
}

/** A deposit is never refused for limits, but for what 64 bits hold. */
export function overflow(cast: Cast): Trace {
  const { home } = cast;
  const it = cast.active(limitsOf({ maxHolding: MAX }));
  cast.fund(it, MAX);
  const confirmation = signConfirmation(home, it.id, { d: 2, x: 1n });
  it.refused("overflow", "one more than 64 bits hold", "Deposit", { confirmation });
  return it.trace("the most money that there can be", "13.2");
}

/** Nothing is left in it when it ends. */
export function retirement(cast: Cast): Trace {
  const { home, bank } = cast;
  const it = cast.active();
  cast.fund(it, 10n);
  it.refused("not-empty", "money is in it", "Retire", {});
  it.ok("all of it goes", "Withdraw", { amount: amount(10n) });
  it.refused("not-empty", "the withdrawal is not acknowledged", "Retire", {});
  it.ok("it is", "AckWithdraw", { acknowledgement: signAcknowledgement(home, it.id, 1) });
  it.ok("it ends", "Retire", {});
  it.ok("the same statement again", "Retire", {});
  it.refused("wrong-phase", "it takes no money any more", "ReserveDeposit", { amount: amount(1n) });
  it.ok("a new instance begins", "Init", { anchor: bank.anchor });
  it.ok("of which nothing is known", "GetInfo", {});
  return it.trace("an instance ends, and another begins", "13.2");
}
