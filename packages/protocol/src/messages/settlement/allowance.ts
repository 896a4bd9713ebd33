import { map, type Infer } from "../../cbor/index.ts";
import { field } from "../../fields.ts";
import { defineMessage } from "../message.ts";

const payload = map({
  /** 1, 2, 3, …: the highest one counts. */
  n: [1, field.counter],
  /** The provider may have confirmed deposits of at most this much in total, ever. */
  amount: [2, field.balance],
});

/** The central bank's word on what a provider may have deposited; the money for it has left the provider's reserves. */
export const allowance = defineMessage({
  typ: 65_022,
  name: "allowance",
  signedBy: "institution",
  payload,
});

export type Allowance = Infer<typeof payload>;
