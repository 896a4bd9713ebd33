import { defineMessage, err, field, map, type Refusal, type Result } from "@bezant/protocol";
import { checkAge } from "@bezant/service";
import type { Core } from "../core/core.ts";
import { settleOnce, type Settlement } from "../settlement/settle.ts";
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
  const stale = checkAge(core, verified.value.payload.at);
  if (stale !== undefined) return err(stale);
  return settleOnce(core);
}
