import { copy, equal } from "../bytes";
import { lastLength, readArray, readBytes } from "../cbor/reader";
import { leaf, provider, readAttachedCertificate } from "../certificate/certificate";
import { signedByHome, verifySignedByProvider } from "../certificate/provider-signed";
import { contextOfHolder } from "../cose/context";
import { ID_SIZE, walletId } from "../cose/key";
import { MAX_MESSAGE, message } from "../cose/message";
import { isSignedBy } from "../cose/signature";
import { Typ } from "../cose/typ";
import { outcome, readOutcome } from "../messages/outcome";
import { outputNothing } from "../output";
import { OutcomeKind } from "../state/outcomes";
import {
  findPayment,
  PayeeClass,
  Payment,
  paymentAt,
  paymentsCount,
  paymentsFull,
  removePayment,
} from "../state/payments";
import { Phase, T } from "../state/state";
import { Status } from "../status";
import { checkInput } from "./input";

const CLIENT = memory.data(32);

/** Settle: a payment whose outcome is known leaves the outbox, or is due for a refund. */
export function settle(): Status {
  readArray(1);
  const at = readBytes(0, MAX_MESSAGE);
  const length = lastLength();
  const refused = checkInput(Phase.Active);
  if (refused != Status.Ok) return refused;
  // "Only the receiver's provider ends a payment to a wallet, so Settle refuses this kind (malformed)": received.
  const read = readOutcome(at, length, OutcomeKind.Collected, OutcomeKind.NeverSettled);
  if (read != Status.Ok) return read;
  return outcome.byProvider ? settleByProvider() : settleByPayee();
}

/** Release: "the payee's wallet has signed that it has P". */
export function release(): Status {
  readArray(1);
  const at = readBytes(0, MAX_MESSAGE);
  const length = lastLength();
  const refused = checkInput(Phase.Active);
  if (refused != Status.Ok) return refused;
  // "o is of kind received (malformed)"
  const read = readOutcome(at, length, OutcomeKind.Received, OutcomeKind.Received);
  if (read != Status.Ok) return read;
  // "its certificate is attached (missing-certificate)"
  const certified = readAttachedCertificate();
  if (certified != Status.Ok) return certified;
  // "payments is full (outbox-not-full)"
  if (!paymentsFull()) return Status.OutboxNotFull;
  // "in it is the payment of this sender, index and r to the wallet that its key and its iss make (unknown-payment)"
  copy(CLIENT, leaf.thumbprint, ID_SIZE);
  walletId(leaf.issuer, leaf.issuerLength, CLIENT);
  const index = findOwn(CLIENT);
  if (index < 0 || paymentAt(index).r != outcome.r) return Status.UnknownPayment;
  // "of this amount (request-mismatch)"
  if (outcome.amount != paymentAt(index).amount) return Status.RequestMismatch;
  // "signature with home = its iss, signer = that wallet and currency = own (bad-signature)"
  contextOfHolder(Typ.Outcome, T.currency, leaf.issuer, leaf.issuerLength, CLIENT, 0, 0);
  if (!isSignedBy(message, leaf.key)) return Status.BadSignature;

  removePayment(index);
  outputNothing();
  return Status.Ok;
}

/** Collected or void, signed by the payee's TA. */
function settleByPayee(): Status {
  // "certificate attached (missing-certificate)"
  const certified = readAttachedCertificate();
  if (certified != Status.Ok) return certified;
  // "its key's thumbprint is the payee of the payment (unknown-payment if no payment matches)"
  const index = findByRequest();
  if (index < 0) return Status.UnknownPayment;
  // "signature with home = its iss and currency = own; neither role nor chain is looked at"
  contextOfHolder(Typ.Outcome, T.currency, leaf.issuer, leaf.issuerLength, leaf.thumbprint, 0, 0);
  if (!isSignedBy(message, leaf.key)) return Status.BadSignature;
  return end(index, isCollectedFrom(paymentAt(index)));
}

/** Claimed or never-settled, signed by the receiver's provider. */
function settleByProvider(): Status {
  // "provider-signed, by home or by the provider of an attached chain"
  const signed = verifySignedByProvider();
  if (signed != Status.Ok) return signed;
  if (!signedByHome()) {
    const client = verifyClient();
    if (client != Status.Ok) return client;
  }
  // "then it matches by receiver, sender = id, index (unknown-payment)"
  const index = findOwn(outcome.receiver);
  if (index < 0) return Status.UnknownPayment;
  return end(index, outcome.kind == OutcomeKind.Claimed);
}

/** That the receiver is a client of the provider that signed: its wallet id names its provider. */
function verifyClient(): Status {
  // "if that provider is not home, the receiver's wallet certificate is attached too (missing-certificate), decodes"
  const read = readAttachedCertificate();
  if (read != Status.Ok) return read;
  // "its key and that provider's id make receiver (not-home)"
  copy(CLIENT, leaf.thumbprint, ID_SIZE);
  walletId(provider.subject, provider.subjectLength, CLIENT);
  return equal(outcome.receiver, CLIENT, ID_SIZE) ? Status.Ok : Status.NotHome;
}

function end(index: i32, settled: bool): Status {
  // "the outcome's amount is the payment's (request-mismatch)"
  if (outcome.amount != paymentAt(index).amount) return Status.RequestMismatch;
  // "otherwise it leaves payments only through the refund: refund-due"
  if (!settled) return Status.RefundDue;

  removePayment(index);
  outputNothing();
  return Status.Ok;
}

/** The payment to this wallet that sender and index name, or -1. */
function findOwn(wallet: usize): i32 {
  if (!equal(outcome.sender, T.id, ID_SIZE)) return -1;
  const index = findPayment(outcome.index);
  return index >= 0 && isPayee(paymentAt(index), wallet, PayeeClass.Wallet) ? index : -1;
}

/** The payment that payee and r match: "one that is settled goes before the first". -1 if there is none. */
function findByRequest(): i32 {
  let first = -1;
  const count = paymentsCount();
  for (let i: u32 = 0; i < count; i++) {
    const payment = paymentAt(i);
    if (payment.r != outcome.r || !isPayee(payment, leaf.thumbprint, PayeeClass.Ta)) continue;
    if (isCollectedFrom(payment)) return i;
    if (first < 0) first = i;
  }
  return first;
}

/** "Collected: if it names this TA and j the payment is settled." */
function isCollectedFrom(payment: Payment): bool {
  return (
    outcome.kind == OutcomeKind.Collected &&
    outcome.index == payment.j &&
    equal(outcome.sender, T.id, ID_SIZE)
  );
}

function isPayee(payment: Payment, id: usize, payeeClass: u32): bool {
  return payment.payeeClass == payeeClass && equal(payment.payee, id, ID_SIZE);
}
