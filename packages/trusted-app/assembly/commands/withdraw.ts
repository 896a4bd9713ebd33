import { fits } from "../arithmetic";
import {
  lastLength,
  readAmount,
  readArray,
  readBytes,
  readKey,
  readMap,
  readU32,
} from "../cbor/reader";
import { verifySignedByHome } from "../certificate/provider-signed";
import { closeMessage, MAX_MESSAGE, message, openMessage } from "../cose/message";
import { keepSignature, outputMessage, signForHome } from "../cose/outgoing";
import { Typ } from "../cose/typ";
import { writeWithdrawal } from "../messages/withdrawal";
import { outputNumber } from "../output";
import { recordWithdrawal } from "../state/events";
import { Phase, T } from "../state/state";
import { addWithdrawal, dropWithdrawals, withdrawalsFull } from "../state/withdrawals";
import { Status } from "../status";
import { checkInput } from "./input";

/** Withdraw: Figure 6. */
export function withdraw(): Status {
  readArray(1);
  const x = readAmount();
  const refused = checkInput(Phase.Active);
  if (refused != Status.Ok) return refused;
  // "x <= balance (insufficient-balance)"
  if (x > T.balance) return Status.InsufficientBalance;
  // "a place in withdrawals is free (outbox-full)"
  if (withdrawalsFull()) return Status.OutboxFull;
  // "w < 2^32 - 1 (counter-exhausted)"
  if (T.w == u32.MAX_VALUE) return Status.CounterExhausted;
  // "withdrawn + x fits (overflow)"
  if (!fits(T.withdrawn, x)) return Status.Overflow;

  // "Debit, w + 1, sign, keep."
  T.balance -= x;
  T.withdrawn += x;
  T.w += 1;
  const withdrawal = addWithdrawal();
  withdrawal.w = T.w;
  withdrawal.amount = x;
  recordWithdrawal(withdrawal);
  writeWithdrawal(withdrawal);
  keepSignature(withdrawal.signature, signForHome(Typ.Withdrawal));
  outputMessage(withdrawal.signature);
  return Status.Ok;
}

/** AckWithdraw: what the provider has credited need not be kept. */
export function ackWithdraw(): Status {
  readArray(1);
  const at = readBytes(0, MAX_MESSAGE);
  const length = lastLength();
  const refused = checkInput(Phase.Active);
  if (refused != Status.Ok) return refused;
  // `withdrawal-acknowledgement = { 1: u32 }`
  const opened = openMessage(message, at, length, Typ.WithdrawalAcknowledgement);
  if (opened != Status.Ok) return opened;
  readMap(1, 1);
  readKey(1);
  const w = readU32();
  const closed = closeMessage(message, true);
  if (closed != Status.Ok) return closed;
  // "provider-signed"
  const signed = verifySignedByHome();
  if (signed != Status.Ok) return signed;
  // "a.w <= w (ack-ahead)"
  if (w > T.w) return Status.AckAhead;

  // "Drop withdrawals up to a.w."
  dropWithdrawals(w);
  outputNumber(T.w);
  return Status.Ok;
}
