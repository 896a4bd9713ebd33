import { hex, map, type Infer } from "../cbor/index.ts";
import { field } from "../fields.ts";
import { defineMessage } from "./message.ts";
import type { PayeeId } from "./payment.ts";

const payload = map({
  /** Now: one that was overheard soon asks nothing any more. */
  at: [1, field.seconds],
  sender: [2, field.taId],
  j: [3, field.counter],
  receiver: [4, hex<PayeeId>(32)],
});

/** The payer's provider asks the payee's how a payment has ended (§11.4). */
export const outcomeQuery = defineMessage({
  typ: 65_045,
  name: "outcome-query",
  signedBy: "institution",
  payload,
});

export type OutcomeQuery = Infer<typeof payload>;
