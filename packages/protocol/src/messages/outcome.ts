import { hex, variants, type Infer } from "../cbor/index.ts";
import { field } from "../fields.ts";
import { defineMessage } from "./message.ts";
import type { PayeeId } from "./payment.ts";

const receiver = hex<PayeeId>(32);

const payload = variants("kind", 1, {
  /** The payee's TA took the payment: `ReceivedPayment`. */
  collected: [
    0,
    {
      r: [2, field.counter],
      sender: [3, field.taId],
      j: [4, field.counter],
      amount: [5, field.amount],
    },
  ],
  /** The payee's TA ended the request without a payment. */
  void: [1, { r: [2, field.counter], amount: [5, field.amount] }],
  /** The receiver's provider credited the payment: `ClaimConfirmed`. */
  claimed: [
    2,
    {
      sender: [3, field.taId],
      j: [4, field.counter],
      amount: [5, field.amount],
      receiver: [6, receiver],
    },
  ],
  /** The receiver's provider will never credit the payment. */
  "never-settled": [
    3,
    {
      sender: [3, field.taId],
      j: [4, field.counter],
      amount: [5, field.amount],
      receiver: [6, receiver],
    },
  ],
  /** The payee's wallet has stored the payment: proof for the payer, but it disposes of nothing. */
  received: [
    4,
    {
      r: [2, field.counter],
      sender: [3, field.taId],
      j: [4, field.counter],
      amount: [5, field.amount],
    },
  ],
});

/** How a request or a payment ended (§9). */
export const outcome = defineMessage({
  typ: 65_010,
  name: "outcome",
  signedBy: ({ kind }) => (byProvider(kind) ? "institution" : "holder"),
  payload,
});

export type Outcome = Infer<typeof payload>;
export type OutcomeKind = Outcome["kind"];
/** What a payee signs itself. */
export type PayeeOutcome = Extract<Outcome, { kind: "collected" | "void" | "received" }>;
/** What the receiver's provider signs. */
export type ProviderOutcome = Extract<Outcome, { kind: "claimed" | "never-settled" }>;

function byProvider(kind: OutcomeKind): boolean {
  return kind === "claimed" || kind === "never-settled";
}

export function isProviderOutcome(value: Outcome): value is ProviderOutcome {
  return byProvider(value.kind);
}
