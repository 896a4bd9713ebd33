import { fits } from "../arithmetic";
import { copy, equal } from "../bytes";
import {
  lastLength,
  readAmount,
  readArray,
  readBytes,
  readKey,
  readMap,
  readU32,
  readUint,
  require,
} from "../cbor/reader";
import { writeMap, writeUint } from "../cbor/writer";
import { verifySignedByHome } from "../certificate/provider-signed";
import { closeMessage, MAX_MESSAGE, message, openMessage } from "../cose/message";
import { endPayload, outputMessage, signForHome, startPayload } from "../cose/outgoing";
import { Typ } from "../cose/typ";
import { outputNumber } from "../output";
import { recordDeposit } from "../state/events";
import { findPayment, removePayment } from "../state/payments";
import { isOverHolding } from "../state/requests";
import { Phase, T } from "../state/state";
import { Status } from "../status";
import { digest } from "../tee";
import { checkInput } from "./input";

const REFUND: u64 = 1;
const DIGEST_SIZE: u32 = 32;
const DIGEST = memory.data(32);

/** The deposit confirmation's fields, as received. */
let amount: u64 = 0;
let d: u32 = 0;
let isRefund: bool = false;
let refunded: u32 = 0;

/** ReserveDeposit: headroom for the next deposit, so that issued money is never refused for limits. */
export function reserveDeposit(): Status {
  readArray(1);
  const x = readAmount();
  const refused = checkInput(Phase.Active);
  if (refused != Status.Ok) return refused;
  // "balance + Σ requests.amount + max(reserved, x) <= limits.maximum holding (limit-holding)"
  const reserved = max(T.reserved, x);
  if (isOverHolding(reserved, 0)) return Status.LimitHolding;
  // "A reservation carries d = T.d + 1."
  if (T.d == u32.MAX_VALUE) return Status.CounterExhausted;

  // "reserved = max(reserved, x)"
  T.reserved = reserved;
  // `deposit-reservation = { 1: amount, 2: u32 }`
  startPayload();
  writeMap(2);
  writeUint(1);
  writeUint(x);
  writeUint(2);
  writeUint(T.d + 1);
  endPayload(Typ.DepositReservation);
  outputMessage(signForHome(Typ.DepositReservation));
  return Status.Ok;
}

/** Deposit: Figure 5, and refunds. */
export function deposit(): Status {
  readArray(1);
  const at = readBytes(0, MAX_MESSAGE);
  const length = lastLength();
  const refused = checkInput(Phase.Active);
  if (refused != Status.Ok) return refused;
  const read = readDepositConfirmation(at, length);
  if (read != Status.Ok) return read;
  // "provider-signed"
  const signed = verifySignedByHome();
  if (signed != Status.Ok) return signed;
  digest(message.payload, message.payloadLength, DIGEST);
  if (d == T.d) {
    // "c.d = d otherwise: deposit-conflict"
    if (!equal(DIGEST, T.depositDigest, DIGEST_SIZE)) return Status.DepositConflict;
    // "c.d = d and SHA-256 of its payload is depositDigest: repeat, output again, no change"
    outputNumber(T.balance);
    return Status.Ok;
  }
  // "c.d < d: deposit-stale"
  if (d < T.d) return Status.DepositStale;
  // "c.d > d + 1: deposit-gap"
  if (<u64>d > <u64>T.d + 1) return Status.DepositGap;
  // "balance + x and deposited + x fit (overflow)"
  if (!fits(T.balance, amount) || !fits(T.deposited, amount)) return Status.Overflow;

  // "Credit; d, digest, head; reserved = 0."
  T.balance += amount;
  T.deposited += amount;
  T.d = d;
  copy(T.depositDigest, DIGEST, DIGEST_SIZE);
  recordDeposit(amount);
  T.reserved = 0;
  // "If it is a refund, payment j leaves payments."
  if (isRefund) {
    const index = findPayment(refunded);
    if (index >= 0) removePayment(index);
  }
  outputNumber(T.balance);
  return Status.Ok;
}

/** `deposit-confirmation = { 1: amount, 2: u32, 3: 0 / 1, ? 4: u32 }`, 4 "exactly when kind is 1" */
function readDepositConfirmation(at: usize, length: u32): Status {
  const opened = openMessage(message, at, length, Typ.DepositConfirmation);
  if (opened != Status.Ok) return opened;
  const entries = readMap(3, 4);
  readKey(1);
  amount = readAmount();
  readKey(2);
  d = readU32();
  readKey(3);
  isRefund = readUint(0, REFUND) == REFUND;
  require(entries == (isRefund ? 4 : 3));
  if (isRefund) {
    readKey(4);
    refunded = readU32();
  }
  return closeMessage(message, true);
}
