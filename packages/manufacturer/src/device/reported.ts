import {
  deviceReport,
  deviceReportVerify,
  err,
  ok,
  refusal,
  runChecksAsync,
  type Refusal,
  type Result,
  type VerifiedReport,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { findDevice } from "./store.ts";

/** A report of an enrolled device that is not revoked. Whose nonce it answers is the caller's to ask. */
export async function reported(
  core: Core,
  body: Uint8Array,
): Promise<Result<VerifiedReport, Refusal>> {
  const { identity, clock, verifier, db } = core;
  const { root } = identity;
  const parsed = deviceReport.parse(body);
  if (!parsed.ok) return parsed;
  const { nonce } = parsed.value.payload;
  const trusted = { roots: [root], manufacturer: root.id, nonce, now: clock.now() };
  const pending = deviceReportVerify(body, trusted);
  if (!pending.ok) return pending;
  const verified = await runChecksAsync(pending.value, verifier);
  if (!verified.ok) return verified;
  const row = await findDevice(db, verified.value.device.id);
  if (!row.ok) return row;
  if (row.value === undefined) return err(refusal("unknown-device"));
  if (row.value.revokedAt !== undefined) return err(refusal("device-revoked"));
  return ok(verified.value);
}
