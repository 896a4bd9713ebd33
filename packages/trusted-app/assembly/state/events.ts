import { copy } from "../bytes";
import { startWriting, writeArray, writeBytes, writeUint, written } from "../cbor/writer";
import { ID_SIZE } from "../cose/key";
import { digest } from "../tee";
import { Outcome, OutcomeKind } from "./outcomes";
import { Payment } from "./payments";
import { T } from "./state";
import { Withdrawal } from "./withdrawals";

/** The hash chain over everything that moved money: "each event e makes head SHA-256(head || e)". */

const HEAD_SIZE: u32 = 32;
const CAPACITY: u32 = 96;
/** The head, then the event. */
const CHAINED = memory.data(128);

/** `[0, d, amount, depositDigest]` */
export function recordDeposit(amount: u64): void {
  startEvent(4, 0);
  writeUint(T.d);
  writeUint(amount);
  writeBytes(T.depositDigest, 32);
  endEvent();
}

/** `[1, w, amount]` */
export function recordWithdrawal(withdrawal: Withdrawal): void {
  startEvent(3, 1);
  writeUint(withdrawal.w);
  writeUint(withdrawal.amount);
  endEvent();
}

/** `[2, j, amount, payee]` */
export function recordPayment(payment: Payment): void {
  startEvent(4, 2);
  writeUint(payment.j);
  writeUint(payment.amount);
  writeBytes(payment.payee, ID_SIZE);
  endEvent();
}

/** `[3, r, amount, sender, index]` or `[4, r, amount]` */
export function recordOutcome(outcome: Outcome): void {
  const collected = outcome.kind == OutcomeKind.Collected;
  startEvent(collected ? 5 : 3, collected ? 3 : 4);
  writeUint(outcome.r);
  writeUint(outcome.amount);
  if (collected) {
    writeBytes(outcome.sender, ID_SIZE);
    writeUint(outcome.index);
  }
  endEvent();
}

function startEvent(items: u32, kind: u64): void {
  copy(CHAINED, T.head, HEAD_SIZE);
  startWriting(CHAINED + HEAD_SIZE, CAPACITY);
  writeArray(items);
  writeUint(kind);
}

function endEvent(): void {
  digest(CHAINED, HEAD_SIZE + written(), T.head);
}
