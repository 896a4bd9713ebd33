import { fits, isOver } from "../arithmetic";
import { copy, equal } from "../bytes";
import { lastLength, readBytes, readPlaces, readU32 } from "../cbor/reader";
import { leaf, readAttachedCertificate, Role } from "../certificate/certificate";
import { isOf, verifyHolder } from "../certificate/chain";
import { checkStanding, countUnchecked } from "../certificate/standing";
import { contextOfHolder } from "../cose/context";
import { ID_SIZE, walletId } from "../cose/key";
import { MAX_MESSAGE, message } from "../cose/message";
import { keepSignature, outputWithCertificate, signForReceiver } from "../cose/outgoing";
import { isSignedBy } from "../cose/signature";
import { Typ } from "../cose/typ";
import { writePayment } from "../messages/payment";
import { CHALLENGE_SIZE, paymentRequest, readPaymentRequest } from "../messages/payment-request";
import { recordPayment } from "../state/events";
import {
  addPayment,
  PayeeClass,
  Payment,
  paymentAt,
  paymentsCount,
  paymentsFull,
} from "../state/payments";
import { Phase, T } from "../state/state";
import { Status } from "../status";
import { checkInput } from "./input";

const PAYEE = memory.data(32);

/** Pay: Figure 7. Asking twice for the same request gives the identical P, never a second debit. */
export function pay(): Status {
  const places = readPlaces(2);
  const at = readBytes(0, MAX_MESSAGE);
  const length = lastLength();
  const hint = readU32();
  const status = places > 2 ? readBytes(0, MAX_MESSAGE) : 0;
  const statusLength = lastLength();
  const refused = checkInput(Phase.Active);
  if (refused != Status.Ok) return refused;
  // "let now = max(time, hint). now <= exp (expired)"
  const now = max(T.time, hint);
  if (now > T.exp) return Status.Expired;
  const genuine = verifyRequest(at, length, now);
  if (genuine != Status.Ok) return genuine;

  const x = paymentRequest.amount;
  // "If payments has (payee, r, challenge): amount equal → output that payment again, no change; else request-mismatch."
  const earlier = findPaymentOfRequest();
  if (earlier >= 0) {
    const payment = paymentAt(earlier);
    if (payment.amount != x) return Status.RequestMismatch;
    output(payment);
    return Status.Ok;
  }
  // "now <= q.expires if present (request-expired)"
  if (paymentRequest.hasExpiry && now > paymentRequest.expires) return Status.RequestExpired;
  // "the payee's standing (payee-revoked, payee-unchecked)"
  const standing = checkStanding(
    status,
    statusLength,
    x,
    now,
    0,
    Status.PayeeRevoked,
    Status.PayeeUnchecked,
  );
  if (standing != Status.Ok) return standing;
  const limited = checkLimits(x);
  if (limited != Status.Ok) return limited;
  // "a place in payments is free (outbox-full)"
  if (paymentsFull()) return Status.OutboxFull;
  // "j < 2^32 - 1 (counter-exhausted)"
  if (T.j == u32.MAX_VALUE) return Status.CounterExhausted;
  // "totals fit (overflow)"
  if (!fits(T.paid, x)) return Status.Overflow;

  debit(x);
  countUnchecked(x);
  const payment = addPayment();
  payment.j = T.j;
  payment.r = paymentRequest.r;
  payment.amount = x;
  copy(payment.payee, PAYEE, ID_SIZE);
  copy(payment.challenge, paymentRequest.challenge, CHALLENGE_SIZE);
  // "the payment's time is time, never the hint"
  payment.time = T.time;
  payment.payeeClass = leaf.role == Role.Ta ? PayeeClass.Ta : PayeeClass.Wallet;
  recordPayment(payment);
  writePayment(payment);
  keepSignature(payment.signature, signForReceiver(Typ.Payment, PAYEE));
  outputWithCertificate(payment.signature);
  return Status.Ok;
}

/** Who asks, and that it does; the payee's id is then in PAYEE. */
function verifyRequest(at: usize, length: u32, now: u32): Status {
  // "q decodes, has typ and certificate (malformed, wrong-type, missing-certificate)"
  const read = readPaymentRequest(at, length);
  if (read != Status.Ok) return read;
  const certified = readAttachedCertificate();
  if (certified != Status.Ok) return certified;
  // "payee's certificate is of role TA or wallet (wrong-role) and of currency (wrong-currency)"
  if (leaf.role != Role.Ta && leaf.role != Role.Wallet) return Status.WrongRole;
  if (!isOf(leaf, T.currency)) return Status.WrongCurrency;
  // "the payee is not this TA (self-payment)"
  copy(PAYEE, leaf.thumbprint, ID_SIZE);
  if (leaf.role == Role.Wallet) walletId(leaf.issuer, leaf.issuerLength, PAYEE);
  if (equal(PAYEE, T.id, ID_SIZE)) return Status.SelfPayment;
  // "its certificate's issuer is home …; otherwise CertVerify with the attached chain at now"
  const trusted = verifyHolder(now, 0);
  if (trusted != Status.Ok) return trusted;
  // "q's signature (bad-signature)"
  contextOfHolder(Typ.PaymentRequest, T.currency, leaf.issuer, leaf.issuerLength, PAYEE, 0, 0);
  return isSignedBy(message, leaf.key) ? Status.Ok : Status.BadSignature;
}

/** The index of the payment of this very request, or -1. */
function findPaymentOfRequest(): i32 {
  const count = paymentsCount();
  for (let i: u32 = 0; i < count; i++) {
    const payment = paymentAt(i);
    if (
      payment.r == paymentRequest.r &&
      equal(payment.payee, PAYEE, ID_SIZE) &&
      equal(payment.challenge, paymentRequest.challenge, CHALLENGE_SIZE)
    ) {
      return i;
    }
  }
  return -1;
}

function checkLimits(x: u64): Status {
  // "x <= per payment (limit-payment)"
  if (x > T.maxPayment) return Status.LimitPayment;
  // "windowCount + 1 <= limit (limit-count)"
  if (T.windowCount >= T.maxCount) return Status.LimitCount;
  // "windowValue + x <= limit (limit-value)"
  if (isOver(T.windowValue, x, T.maxValue)) return Status.LimitValue;
  // "x <= balance (insufficient-balance)"
  if (x > T.balance) return Status.InsufficientBalance;
  // "x <= pinAllowance, or noPinSpent + x <= limit (pin-required)"
  if (x > T.pinAllowance && isOver(T.noPinSpent, x, T.noPinCap)) return Status.PinRequired;
  return Status.Ok;
}

/** "Debit; j + 1; counters; if the allowance covered it then pinAllowance = 0 else noPinSpent + x; pinFresh = false." */
function debit(x: u64): void {
  T.balance -= x;
  T.paid += x;
  T.j += 1;
  T.windowCount += 1;
  T.windowValue += x;
  if (x <= T.pinAllowance) {
    T.pinAllowance = 0;
  } else {
    T.noPinSpent += x;
  }
  T.pinFresh = false;
}

function output(payment: Payment): void {
  writePayment(payment);
  outputWithCertificate(payment.signature);
}
