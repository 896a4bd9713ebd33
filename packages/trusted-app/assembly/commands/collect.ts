import { fits } from "../arithmetic";
import { equal } from "../bytes";
import { lastLength, readBytes, readPlaces } from "../cbor/reader";
import { leaf, readAttachedCertificate, Role } from "../certificate/certificate";
import { isOf, verifyHolder } from "../certificate/chain";
import { checkStanding, countUnchecked } from "../certificate/standing";
import { contextOfHolder } from "../cose/context";
import { ID_SIZE } from "../cose/key";
import { MAX_MESSAGE, message } from "../cose/message";
import { outputWithCertificate, signForAnybody } from "../cose/outgoing";
import { isSignedBy } from "../cose/signature";
import { Typ } from "../cose/typ";
import { writeOutcome } from "../messages/outcome";
import { BASIC, payment, readPayment } from "../messages/payment";
import { CHALLENGE_SIZE } from "../messages/payment-request";
import { recordOutcome } from "../state/events";
import { addCollected, findOutcome, Outcome, outcomeAt, OutcomeKind } from "../state/outcomes";
import { PayeeClass } from "../state/payments";
import { findRequest, removeRequest, requestAt } from "../state/requests";
import { Phase, T } from "../state/state";
import { Status } from "../status";
import { checkInput } from "./input";
import { whyNotOpen } from "./request";

/** 30 days in seconds, for each certificate of the sender (§8.2). */
const GRACE: u64 = 2_592_000;

/** Collect: Figures 7 and 8. "Works when the own certificate has expired." */
export function collect(): Status {
  const places = readPlaces(1);
  const at = readBytes(0, MAX_MESSAGE);
  const length = lastLength();
  const status = places > 1 ? readBytes(0, MAX_MESSAGE) : 0;
  const statusLength = lastLength();
  const refused = checkInput(Phase.Active);
  if (refused != Status.Ok) return refused;
  const genuine = verifyPayment(at, length);
  if (genuine != Status.Ok) return genuine;

  const index = findRequest(payment.r);
  if (index < 0) return repeat();
  const request = requestAt(index);
  // "If r is open: challenge and amount equal (request-mismatch)"
  if (
    !equal(request.challenge, payment.challenge, CHALLENGE_SIZE) ||
    request.amount != payment.amount
  ) {
    return Status.RequestMismatch;
  }
  // "balance and totals fit (overflow)"
  if (!fits(T.balance, payment.amount) || !fits(T.collected, payment.amount))
    return Status.Overflow;
  // "the payer's standing (payer-revoked, payer-unchecked)"
  const standing = checkStanding(
    status,
    statusLength,
    payment.amount,
    T.time,
    GRACE,
    Status.PayerRevoked,
    Status.PayerUnchecked,
  );
  if (standing != Status.Ok) return standing;

  // "credit, end as collected"
  T.balance += payment.amount;
  T.collected += payment.amount;
  countUnchecked(payment.amount);
  const outcome = addCollected(request, leaf.thumbprint, payment.index);
  removeRequest(index);
  recordOutcome(outcome);
  output(outcome);
  return Status.Ok;
}

/** PayVerify, and that the payment is to this TA. */
function verifyPayment(at: usize, length: u32): Status {
  // "P decodes, has typ and certificate (malformed, wrong-type, missing-certificate)"
  const read = readPayment(at, length);
  if (read != Status.Ok) return read;
  if (message.certificate == 0) return Status.MissingCertificate;
  // "type Basic (unsupported-payment-type)"
  if (payment.type != BASIC) return Status.UnsupportedPaymentType;
  // "receiver and class are this TA's (wrong-audience)"
  if (!equal(payment.receiver, T.id, ID_SIZE) || payment.receiverClass != PayeeClass.Ta)
    return Status.WrongAudience;
  // "sender's certificate has role TA (wrong-role) and currency (wrong-currency)": it "is read as a certificate when a check
  // needs it" (§3.5)
  const certified = readAttachedCertificate();
  if (certified != Status.Ok) return certified;
  if (leaf.role != Role.Ta) return Status.WrongRole;
  if (!isOf(leaf, T.currency)) return Status.WrongCurrency;
  // "its issuer as in Pay, at time with 30 days' grace"
  const trusted = verifyHolder(T.time, GRACE);
  if (trusted != Status.Ok) return trusted;
  // "P's signature (bad-signature)"
  contextOfHolder(
    Typ.Payment,
    T.currency,
    leaf.issuer,
    leaf.issuerLength,
    leaf.thumbprint,
    payment.receiver,
    ID_SIZE,
  );
  return isSignedBy(message, leaf.key) ? Status.Ok : Status.BadSignature;
}

/**
 * "Else, by the ring: collected with this sender and index → the same outcome again, no change; collected otherwise:
 * request-collected; void: request-void; not in the ring: unknown-request."
 */
function repeat(): Status {
  const index = findOutcome(payment.r);
  if (index < 0 || !isCollected(outcomeAt(index))) return whyNotOpen(payment.r);
  output(outcomeAt(index));
  return Status.Ok;
}

/** Whether the outcome says that this very payment was collected. */
function isCollected(outcome: Outcome): bool {
  return (
    outcome.kind == OutcomeKind.Collected &&
    outcome.index == payment.index &&
    equal(outcome.sender, leaf.thumbprint, ID_SIZE)
  );
}

function output(outcome: Outcome): void {
  writeOutcome(outcome);
  outputWithCertificate(signForAnybody(Typ.Outcome));
}
