import { defineMessage, err, field, map, type Refusal, type Result } from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { checkAge } from "@bezant/service";
import { fromOperator } from "../core/hear.ts";
import { audit, type Supply } from "./audit.ts";

/** The operator asks for the supply audit, and says when. It never leaves the central bank, so its `typ` is beyond the protocol's. */
export const supplyQuery = defineMessage({
  typ: 65_510,
  name: "central-bank-supply-query",
  signedBy: "institution",
  payload: map({ at: [1, field.seconds] }),
});

export async function askSupply(core: Core, body: Uint8Array): Promise<Result<Supply, Refusal>> {
  const heard = await fromOperator(core, supplyQuery, body);
  if (!heard.ok) return heard;
  const refused = checkAge(core, heard.value.payload.at);
  return refused === undefined ? audit(core) : err(refused);
}
