import { map, uint, type Infer } from "../cbor/index.ts";
import { field } from "../fields.ts";

/** What the provider lets one TA do between two syncs (§12). The TA itself enforces it. */
export const limits = map({
  profile: [1, uint(0xffff)],
  version: [2, uint()],
  maxHolding: [3, field.amount],
  maxPayment: [4, field.amount],
  /** Payments, and their value, since the last sync. */
  maxCount: [5, uint()],
  maxValue: [6, field.amount],
  /** Value that may be paid without a PIN since the last PIN. */
  noPinCap: [7, field.balance],
  /** Value paid and collected since the last sync to and from whom no current status list vouches for. */
  uncheckedCap: [8, field.balance],
});

export type Limits = Infer<typeof limits>;
