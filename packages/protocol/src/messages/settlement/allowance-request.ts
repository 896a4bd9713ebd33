import { map, type Infer } from "../../cbor/index.ts";
import { field } from "../../fields.ts";
import { defineMessage } from "../message.ts";

const payload = map({ amount: [1, field.amount] });

/** A provider asks to be allowed deposits up to this cumulative amount, at the cost of its reserves. */
export const allowanceRequest = defineMessage({
  typ: 65_026,
  name: "allowance-request",
  signedBy: "institution",
  payload,
});

export type AllowanceRequest = Infer<typeof payload>;
