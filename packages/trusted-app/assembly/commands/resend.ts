import { readArray, readU32, readUint } from "../cbor/reader";
import { outputMessage, outputWithCertificate, signForAnybody } from "../cose/outgoing";
import { Typ } from "../cose/typ";
import { writeOutcome } from "../messages/outcome";
import { writePayment } from "../messages/payment";
import { writePaymentRequest } from "../messages/payment-request";
import { writeWithdrawal } from "../messages/withdrawal";
import { findOutcome, outcomeAt } from "../state/outcomes";
import { findPayment, paymentAt } from "../state/payments";
import { findRequest, requestAt } from "../state/requests";
import { Phase } from "../state/state";
import { findWithdrawal, withdrawalAt } from "../state/withdrawals";
import { Status } from "../status";
import { checkInput } from "./input";

const enum Kind {
  Payment = 0,
  Withdrawal = 1,
  Outcome = 2,
  Request = 3,
}

/** Resend: what may have been lost on its way, again. Money moves once. */
export function resend(): Status {
  readArray(2);
  const kind = readUint(Kind.Payment, Kind.Request);
  const n = readU32();
  const refused = checkInput(Phase.Active);
  if (refused != Status.Ok) return refused;
  if (kind == Kind.Payment) return resendPayment(n);
  if (kind == Kind.Withdrawal) return resendWithdrawal(n);
  if (kind == Kind.Outcome) return resendOutcome(n);
  return resendRequest(n);
}

/** The identical payment: its signature was kept. */
function resendPayment(j: u32): Status {
  const index = findPayment(j);
  if (index < 0) return Status.UnknownPayment;
  const payment = paymentAt(index);
  writePayment(payment);
  outputWithCertificate(payment.signature);
  return Status.Ok;
}

/** The identical withdrawal: its signature was kept. */
function resendWithdrawal(w: u32): Status {
  const index = findWithdrawal(w);
  if (index < 0) return Status.UnknownWithdrawal;
  const withdrawal = withdrawalAt(index);
  writeWithdrawal(withdrawal);
  outputMessage(withdrawal.signature);
  return Status.Ok;
}

function resendOutcome(r: u32): Status {
  const index = findOutcome(r);
  if (index < 0) return Status.UnknownRequest;
  writeOutcome(outcomeAt(index));
  outputWithCertificate(signForAnybody(Typ.Outcome));
  return Status.Ok;
}

function resendRequest(r: u32): Status {
  const index = findRequest(r);
  if (index < 0) return Status.UnknownRequest;
  writePaymentRequest(requestAt(index));
  outputWithCertificate(signForAnybody(Typ.PaymentRequest));
  return Status.Ok;
}
