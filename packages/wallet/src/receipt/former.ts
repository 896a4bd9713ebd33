import { err, ok, refusal, type Result } from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { findRequest } from "../request/records.ts";
import { toCollected, type Claimed } from "./collect.ts";
import type { Received, ReceiveRefusal } from "./receive.ts";
import { INCOMING, incomingKey, isSamePayment } from "./records.ts";

/**
 * A payment to a TA that is not at work in this wallet: one that it has retired, or somebody else's. What its own former TA has
 * said of the request outlives it here, and is all that brings the payer's money back.
 */
export async function answerForFormerTa(
  { records }: Core,
  { message, payment, sender }: Claimed,
): Promise<Result<Received, ReceiveRefusal>> {
  const { receiver, r, j } = payment;
  const key = incomingKey(sender, j, r);
  const known = await records.get(INCOMING, key);
  const isKnown = known?.receiver === receiver && known.state === "collected";
  if (isKnown && isSamePayment(known.payment, message)) return ok(toCollected(key, known, true));
  const request = await findRequest(records, { payee: receiver, r });
  if (request?.outcome === undefined) return err(refusal("wrong-audience"));
  const code = request.ended === "collected" ? "request-collected" : "request-void";
  return err({ ...refusal(code), outcome: request.outcome });
}
