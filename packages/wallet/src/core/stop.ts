import { err, type Err } from "@bezant/protocol";
import { pending, type WalletRefusal, type WalletRefusalCode } from "../refusals.ts";
import type { Change } from "../store/store.ts";
import type { Core } from "./core.ts";

/** Said before, or instead of, doing what was asked; or the answer was lost. */
const UNSETTLED: ReadonlySet<WalletRefusalCode> = new Set([
  "device-unreachable",
  "device-interrupted",
  "no-device",
  "no-network",
  "provider-unreachable",
  "provider-unreadable",
  "untrusted-answer",
  "claim-in-review",
  "refund-in-review",
  "issuer-unconfirmed",
  "commit-unknown",
  "internal-error",
  "unavailable",
  "too-many-requests",
]);

/** Whether the same message or command, given again, may still count, or may have counted already. */
export function isUnsettled({ code }: WalletRefusal): boolean {
  return UNSETTLED.has(code);
}

/** What becomes of an operation that met this refusal: it stays in the journal, or everything is put back as it was. */
export async function stop(
  core: Core,
  refused: WalletRefusal,
  ...undo: readonly Change[]
): Promise<Err<WalletRefusal>> {
  if (isUnsettled(refused)) return err(pending(refused));
  await core.records.commit(...undo);
  return err(refused);
}
