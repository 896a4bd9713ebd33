import {
  amount,
  counter,
  currency,
  payment,
  paymentRequest,
  payeeToAnybody,
  PAYMENT_GRACE,
  RECEIPT_GRACE,
  seconds,
  type Attachments,
  type Chain,
  type Context,
  type Currency,
  type Payee,
  type Payment,
  type PaymentRequest,
  type Seconds,
} from "../../src/index.ts";
import { accepts, refuses, type Case } from "./case.ts";
import { at, certificates, chainA, chainB, EUR, ids, names, NOW, people, usual } from "./cast.ts";
import { forged, otherKind } from "./certificates.ts";
import { byAlice, examples, toBob, toMerchant } from "./examples.ts";

/** What a party that trusts the cast's root is given. */
export type ReceivedInput = {
  readonly bytes: Uint8Array;
  readonly currency: Currency;
  readonly now: Seconds;
  readonly known?: readonly Chain[];
  /** Of a payment; absent: 30 days. */
  readonly grace?: number;
};

const received = (bytes: Uint8Array, changes: Partial<ReceivedInput> = {}): ReceivedInput => ({
  bytes,
  currency: EUR,
  now: NOW,
  ...changes,
});

const aliceAttached: Attachments = { certificate: certificates.aliceTa, chain: chainA };

/** A payment signed as asked, right or wrong. */
export function signedPayment(
  payload: Payment,
  by: {
    readonly attached?: Attachments;
    readonly context?: Context;
    readonly signer?: (typeof people)[keyof typeof people];
  } = {},
): Uint8Array {
  const { attached = aliceAttached, context = byAlice(payload.receiver) } = by;
  return payment.sign(payload, context, by.signer ?? people.aliceTa, attached);
}

const paid = signedPayment(toBob);
const fromAlice = { sender: ids.alice, home: names.bankA };
const lastDay = seconds(usual.aliceTa.exp + PAYMENT_GRACE);
const lastMinutes = seconds(usual.aliceTa.exp + RECEIPT_GRACE);
const overTheCounter = { grace: RECEIPT_GRACE };
const context = (changes: Partial<Context>): Context => ({ ...byAlice(ids.bob), ...changes });

export const paymentCases: readonly Case<ReceivedInput>[] = [
  accepts("8.2", "to a TA, with its sender's chain", received(paid), fromAlice),
  accepts("8.2", "to a wallet", received(signedPayment(toMerchant)), fromAlice),
  accepts(
    "8.2",
    "without a chain, of a provider known before",
    received(signedPayment(toBob, { attached: { certificate: certificates.aliceTa } }), {
      known: [chainA],
    }),
    fromAlice,
  ),
  accepts("8.2", "in the last second of its grace", received(paid, { now: lastDay }), fromAlice),
  accepts(
    "8.2",
    "in the last second of its grace, for goods",
    received(paid, { now: lastMinutes, ...overTheCounter }),
    fromAlice,
  ),

  refuses("3.5", "malformed", "cut short", received(paid.slice(0, -1))),
  refuses("3.5", "wrong-type", "another kind of message", received(otherKind)),
  refuses(
    "8.2",
    "missing-certificate",
    "without a certificate",
    received(signedPayment(toBob, { attached: {} })),
  ),
  refuses(
    "3.5",
    "malformed",
    "with a certificate that is none",
    received(
      signedPayment(toBob, { attached: { certificate: Uint8Array.of(0x80), chain: chainA } }),
    ),
  ),
  refuses(
    "8.2",
    "wrong-role",
    "from a wallet",
    received(
      signedPayment(toBob, {
        attached: { certificate: certificates.aliceWallet, chain: chainA },
        signer: people.aliceWallet,
      }),
    ),
  ),
  refuses(
    "8.2",
    "wrong-currency",
    "of another currency than the receiver's",
    received(paid, { currency: currency("USD") }),
  ),
  refuses(
    "8.2",
    "unknown-issuer",
    "without a chain, of an unknown provider",
    received(signedPayment(toBob, { attached: { certificate: certificates.aliceTa } })),
  ),
  refuses("8.2", "expired", "after its grace", received(paid, { now: seconds(lastDay + 1) })),
  refuses(
    "8.2",
    "expired",
    "after its grace, for goods",
    received(paid, { now: seconds(lastMinutes + 1), ...overTheCounter }),
  ),
  refuses(
    "8.2",
    "unsupported-payment-type",
    "of the reserved type",
    received(signedPayment({ ...toBob, type: "conditional" })),
  ),
  refuses(
    "8.2",
    "bad-signature",
    "signed by another TA",
    received(signedPayment(toBob, { signer: people.bobTa })),
  ),
  refuses(
    "8.2",
    "bad-signature",
    "signed for another receiver",
    received(signedPayment(toBob, { context: context({ audience: ids.merchant }) })),
  ),
  refuses(
    "8.2",
    "bad-signature",
    "signed under another provider",
    received(signedPayment(toBob, { context: context({ home: names.bankB }) })),
  ),
  refuses(
    "8.2",
    "bad-signature",
    "signed in another currency",
    received(signedPayment(toBob, { context: context({ currency: currency("USD") }) })),
  ),
  refuses("8.2", "bad-signature", "with a changed signature", received(forged(paid))),
  refuses("2.6", "bad-signature", "with s in the upper half", received(withHighS(paid))),
];

/** The other signature of the same message, n - s, which most libraries take. */
export function withHighS(message: Uint8Array): Uint8Array {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const s = BigInt(`0x${Buffer.from(message.slice(-32)).toString("hex")}`);
  const other = Buffer.from((order - s).toString(16).padStart(64, "0"), "hex");
  return Uint8Array.of(...message.slice(0, -32), ...other);
}

const ask = { amount: toBob.amount, r: toBob.r, challenge: toBob.challenge, expires: at(10) };
const ofBob = payeeToAnybody({ currency: EUR, home: names.bankB, payee: ids.bob });
const request = (
  attached: Attachments = { certificate: certificates.bobTa, chain: chainB },
  signer = people.bobTa,
): Uint8Array => paymentRequest.sign(ask, ofBob, signer, attached);
const fromWallet = examples.find(
  ({ message, payload }) =>
    message.typ === paymentRequest.typ && !("expires" in (payload as object)),
) as { readonly bytes: Uint8Array };

export const requestCases: readonly Case<ReceivedInput>[] = [
  accepts("8.4", "of a TA", received(request()), { payee: ids.bob, class: "ta" }),
  accepts("8.4", "of a wallet, for ever", received(fromWallet.bytes), {
    payee: ids.merchant,
    class: "wallet",
  }),
  accepts("8.4", "in its last second", received(request(), { now: at(10) }), {
    payee: ids.bob,
    class: "ta",
  }),
  refuses("3.5", "malformed", "cut short", received(request().slice(0, -1))),
  refuses("3.5", "wrong-type", "another kind of message", received(paid)),
  refuses("8.4", "missing-certificate", "without a certificate", received(request({}))),
  refuses(
    "8.4",
    "wrong-role",
    "of a provider",
    received(request({ certificate: certificates.bankB, chain: chainB })),
  ),
  refuses(
    "8.4",
    "wrong-currency",
    "of another currency than the payer's",
    received(request(), { currency: currency("USD") }),
  ),
  refuses(
    "8.4",
    "unknown-issuer",
    "without a chain, of an unknown provider",
    received(request({ certificate: certificates.bobTa })),
  ),
  refuses("8.4", "request-expired", "after its last second", received(request(), { now: at(11) })),
  refuses(
    "8.4",
    "expired",
    "of a payee whose certificate has expired",
    received(request(), { now: seconds(usual.bobTa.exp + 1) }),
  ),
  refuses(
    "8.4",
    "bad-signature",
    "signed by somebody else",
    received(request(undefined, people.mallory)),
  ),
];

/** A verified payment, who has received it, and the request of theirs that it names, if there is one. */
export type PayeeInput = {
  readonly payment: Payment;
  readonly payee: Payee;
  readonly request: Pick<PaymentRequest, "r" | "challenge" | "amount"> | undefined;
};

const { r, challenge } = toBob;
const opened = { r, challenge, amount: toBob.amount };
const arrived = (changes: Partial<PayeeInput> = {}): PayeeInput => ({
  payment: toBob,
  payee: { class: "ta", id: ids.bob },
  request: opened,
  ...changes,
});

export const payeeCases: readonly Case<PayeeInput>[] = [
  accepts("8.3", "for an open request", arrived(), {}),
  refuses(
    "8.3",
    "wrong-audience",
    "to somebody else",
    arrived({ payee: { class: "ta", id: ids.alice } }),
  ),
  refuses(
    "8.3",
    "wrong-audience",
    "to a wallet of the same id",
    arrived({ payment: { ...toBob, receiverClass: "wallet" } }),
  ),
  refuses("8.3", "unknown-request", "for no open request", arrived({ request: undefined })),
  refuses(
    "8.3",
    "unknown-request",
    "for another request",
    arrived({ request: { ...opened, r: counter(r + 1) } }),
  ),
  refuses(
    "8.3",
    "request-mismatch",
    "of another amount",
    arrived({ request: { ...opened, amount: amount(1n) } }),
  ),
  refuses(
    "8.3",
    "request-mismatch",
    "with another challenge",
    arrived({ request: { ...opened, challenge: toMerchant.challenge } }),
  ),
];
