import {
  defineMessage,
  err,
  field,
  map,
  refusal,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { settleOnce, type Settlement } from "../settlement/settle.ts";
import { isRecent } from "./recent.ts";
import { operatorVerify } from "./verify.ts";

/** The operator has the provider settle now. It says when; a second settling at once would do no harm. */
export const settleOrder = defineMessage({
  typ: 65_502,
  name: "settle-order",
  signedBy: "institution",
  payload: map({ at: [1, field.seconds] }),
});

export async function settleNow(
  core: Core,
  body: Uint8Array,
): Promise<Result<Settlement, Refusal>> {
  const verified = await operatorVerify(core, settleOrder, body);
  if (!verified.ok) return verified;
  if (!isRecent(core, verified.value.payload.at)) {
    return err(refusal("unauthorised", "the order is too old, or a clock is wrong"));
  }
  return settleOnce(core);
}
