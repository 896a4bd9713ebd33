import { map } from "../cbor/index.ts";
import { field } from "../fields.ts";
import { defineMessage } from "./message.ts";

/** Figure 6: every withdrawal up to w is credited online. */
export const withdrawalAcknowledgement = defineMessage({
  typ: 65_007,
  name: "withdrawal-acknowledgement",
  signedBy: "institution",
  payload: map({ w: [1, field.counter] }),
});
