import { text, variants, type Infer } from "../../cbor/index.ts";
import { field } from "../../fields.ts";
import { defineMessage } from "../message.ts";

/** Why, as a refusal's code. */
export const reason = text(64, /^[a-z-]{1,64}$/);

const common = {
  /** The paying provider, and its instruction. */
  payerProvider: [2, field.institutionId],
  instruction: [3, field.nonce],
  amount: [4, field.amount],
} as const;

const payload = variants("kind", 1, {
  /** Moved from the payer's provider to the payee's, for good. */
  settled: [0, common],
  /** Did not move, and never will under this instruction. */
  refused: [1, { ...common, reason: [5, reason] }],
  /** Moved, and came back. */
  returned: [2, { ...common, reason: [5, reason] }],
});

/** What became of an instruction: final, for its payer's provider, and for the payee's when that one has returned it. */
export const interbankAnswer = defineMessage({
  typ: 65_028,
  name: "interbank-answer",
  signedBy: "institution",
  payload,
});

export type InterbankAnswer = Infer<typeof payload>;
