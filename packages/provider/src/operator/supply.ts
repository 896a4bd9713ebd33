import {
  defineMessage,
  err,
  field,
  map,
  refusal,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import { auditSupply, type Supply } from "../audit/supply.ts";
import type { Core } from "../core/core.ts";
import { isRecent } from "./recent.ts";
import { operatorVerify } from "./verify.ts";

/** The operator asks for the supply audit. It says when, so that one that was overheard soon reads nothing any more. */
export const supplyQuery = defineMessage({
  typ: 65_501,
  name: "supply-query",
  signedBy: "institution",
  payload: map({ at: [1, field.seconds] }),
});

export async function askSupply(core: Core, body: Uint8Array): Promise<Result<Supply, Refusal>> {
  const verified = await operatorVerify(core, supplyQuery, body);
  if (!verified.ok) return verified;
  if (!isRecent(core, verified.value.payload.at)) {
    return err(refusal("unauthorised", "the query is too old, or a clock is wrong"));
  }
  return auditSupply(core);
}
