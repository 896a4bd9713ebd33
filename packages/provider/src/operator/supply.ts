import { defineMessage, err, field, map, type Refusal, type Result } from "@bezant/protocol";
import { auditSupply, type Supply } from "../audit/supply.ts";
import { checkAge } from "@bezant/service";
import type { Core } from "../core/core.ts";
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
  const stale = checkAge(core, verified.value.payload.at);
  if (stale !== undefined) return err(stale);
  return auditSupply(core);
}
