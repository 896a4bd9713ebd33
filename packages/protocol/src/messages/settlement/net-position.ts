import { map, type Infer } from "../../cbor/index.ts";
import { field } from "../../fields.ts";
import { defineMessage } from "../message.ts";

const payload = map({
  window: [1, field.counter],
  /** The last report that is settled with this window. */
  report: [2, field.counter],
  /** What its reports have moved into offline circulation in this window, and out of it. */
  outward: [3, field.balance],
  inward: [4, field.balance],
  /** Of `outward`, what its allowance did not cover: booked to its loss account. */
  uncovered: [5, field.balance],
  /** Balances after the window. */
  reserves: [6, field.balance],
  prefund: [7, field.balance],
});

/** What one closed window came to for one provider. */
export const netPosition = defineMessage({
  typ: 65_025,
  name: "net-position",
  signedBy: "institution",
  payload,
});

export type NetPosition = Infer<typeof payload>;
