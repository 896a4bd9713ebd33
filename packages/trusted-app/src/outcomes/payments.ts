import { err, ok, type Result } from "@bezant/protocol";
import {
  isU64,
  MAX_PAYMENTS,
  MAX_U32,
  type Id,
  type Payment,
  type Purse,
  type Step,
} from "./purse.ts";

// The payer's side: a payment leaves the balance once for each request, and stays in the outbox until it is settled,
// refunded, stored by the provider, or given up for room.

export type PaymentOrder = Omit<Payment, "j" | "signature">;

/** The payment that already answers this request (payee, r, challenge). Asked with another amount it is refused. */
export function earlierPayment(
  purse: Purse,
  order: PaymentOrder,
): Result<Payment | undefined, "request-mismatch"> {
  const earlier = purse.payments.find(
    ({ payee, r, challenge }) =>
      payee === order.payee && r === order.r && challenge === order.challenge,
  );
  if (earlier !== undefined && earlier.amount !== order.amount) return err("request-mismatch");
  return ok(earlier);
}

/**
 * Debits the balance and puts payment j + 1 into the outbox; for a request that was paid before, yields that payment
 * again and moves nothing.
 *
 * @param seal signs the payment; is called once, when nothing can refuse any more
 */
export function pay<S extends Purse>(
  purse: S,
  order: PaymentOrder,
  seal: (payment: Omit<Payment, "signature">) => string,
): Result<
  Step<S, Payment>,
  "request-mismatch" | "insufficient-balance" | "outbox-full" | "counter-exhausted" | "overflow"
> {
  const earlier = earlierPayment(purse, order);
  if (!earlier.ok) return earlier;
  if (earlier.value !== undefined) return ok({ purse, value: earlier.value, events: [] });
  const { amount, payee } = order;
  if (amount > purse.balance) return err("insufficient-balance");
  if (purse.payments.length === MAX_PAYMENTS) return err("outbox-full");
  if (purse.j === MAX_U32) return err("counter-exhausted");
  const paid = purse.paid + amount;
  if (!isU64(paid)) return err("overflow");
  const j = purse.j + 1;
  const payment = { ...order, j, signature: seal({ ...order, j }) };
  const balance = purse.balance - amount;
  return ok({
    purse: { ...purse, balance, paid, j, payments: [...purse.payments, payment] },
    value: payment,
    events: [{ event: "payment", j, amount, payee }],
  });
}

/**
 * What a verified outcome says about a payment: the payee TA's word for the first two kinds, the word of a wallet's
 * provider for the others. Amount is that of the request or payment.
 */
export type Notice =
  | {
      readonly kind: "collected";
      readonly payee: Id;
      readonly r: number;
      readonly amount: bigint;
      readonly sender: Id;
      readonly index: number;
    }
  | { readonly kind: "void"; readonly payee: Id; readonly r: number; readonly amount: bigint }
  | {
      readonly kind: "claimed" | "never-settled";
      readonly payee: Id;
      readonly amount: bigint;
      readonly sender: Id;
      readonly index: number;
    };

/** The payments in the outbox that a notice is about. More than one only if the payee broke its own numbering. */
export function concerned(purse: Purse, notice: Notice): readonly Payment[] {
  const paidTo = purse.payments.filter(({ payee }) => payee === notice.payee);
  if (notice.kind === "collected" || notice.kind === "void") {
    return paidTo.filter(({ payeeClass, r }) => payeeClass === "ta" && r === notice.r);
  }
  if (notice.sender !== purse.id) return [];
  return paidTo.filter(({ payeeClass, j }) => payeeClass === "wallet" && j === notice.index);
}

/**
 * Takes a payment that has arrived out of the outbox. One whose request ended otherwise stays, until the refund of the
 * home provider: `refund-due`.
 */
export function settle<S extends Purse>(
  purse: S,
  notice: Notice,
): Result<Step<S, Payment>, "unknown-payment" | "request-mismatch" | "refund-due"> {
  const candidates = concerned(purse, notice);
  const arrived = candidates.find(({ j }) => names(notice, purse.id, j));
  const payment = arrived ?? candidates[0];
  if (payment === undefined) return err("unknown-payment");
  if (payment.amount !== notice.amount) return err("request-mismatch");
  if (arrived === undefined) return err("refund-due");
  return ok({ purse: drop(purse, arrived.j), value: arrived, events: [] });
}

/** Whether a notice says that just this payment has arrived. */
function names(notice: Notice, sender: Id, j: number): boolean {
  if (notice.kind === "void" || notice.kind === "never-settled") return false;
  return notice.sender === sender && notice.index === j;
}

/** A payee wallet's word that it has a payment. */
export type Receipt = {
  readonly payee: Id;
  readonly r: number;
  readonly amount: bigint;
  readonly sender: Id;
  readonly index: number;
};

/** Makes room for the next payment, which a full outbox would stop: the payee's wallet has this one. */
export function release<S extends Purse>(
  purse: S,
  { payee, r, amount, sender, index }: Receipt,
): Result<S, "outbox-not-full" | "unknown-payment" | "request-mismatch"> {
  if (purse.payments.length < MAX_PAYMENTS) return err("outbox-not-full");
  const paid = purse.payments.find(({ j }) => sender === purse.id && j === index);
  if (paid?.payeeClass !== "wallet" || paid.payee !== payee || paid.r !== r) {
    return err("unknown-payment");
  }
  return paid.amount === amount ? ok(drop(purse, index)) : err("request-mismatch");
}

/** Takes out every payment that the provider says it has stored: all up to index `stored`. */
export function acknowledge<S extends Purse>(purse: S, stored: number): S {
  return { ...purse, payments: purse.payments.filter(({ j }) => j > stored) };
}

/** Payment j leaves the outbox, if it is there. */
export function drop<S extends Purse>(purse: S, j: number): S {
  return { ...purse, payments: purse.payments.filter((payment) => payment.j !== j) };
}
