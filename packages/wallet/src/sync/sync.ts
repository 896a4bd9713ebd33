import { ok, type Result } from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { needTaAndProvider, type Ready } from "../core/identity.ts";
import { adopt } from "../registration/adopt.ts";
import type { WalletRefusal } from "../refusals.ts";
import { fetchStatus, type FetchedStatus } from "../status/fetch.ts";
import { onlineBalance } from "../view/online.ts";
import { exchangeLists } from "./institutions.ts";
import { askForOutcomes, type Asked } from "./outcomes.ts";
import { syncOnce, type Synced } from "./sync-once.ts";

export type SyncReport = Synced &
  Asked & {
    /** What has come of fetching the provider's status list. */
    readonly status: FetchedStatus;
  };

/**
 * Brings the TA and its home provider together: payments and outcomes go up; limits, time, acknowledgements and the outcomes of
 * own payments come down.
 */
export async function sync(core: Core): Promise<Result<SyncReport, WalletRefusal>> {
  const ready = await needTaAndProvider(core);
  if (!ready.ok) return ready;
  const lists = await exchangeLists(core, ready.value.online);
  if (!lists.ok) return lists;
  // A payment that another copy of the wallet has made is uploaded and settled with the others.
  const adopted = await adopt(core, ready.value);
  if (!adopted.ok) return adopted;
  const synced = await core.exclusive("sync", () => syncUntilReconciled(core, ready.value));
  if (!synced.ok) return synced;
  const asked = await askForOutcomes(core, ready.value.online);
  if (!asked.ok) return asked;
  const status = await fetchStatus(core, ready.value.online);
  return ok({ ...synced.value, ...asked.value, status });
}

/** A provider that was restored from a backup believes only a sync that was begun after the answer to another (§12.4). */
async function syncUntilReconciled(
  core: Core,
  ready: Ready,
): Promise<Result<Synced, WalletRefusal>> {
  const first = await syncOnce(core, ready);
  if (!first.ok) return first;
  const balance = await onlineBalance(core);
  if (!balance.ok) return balance;
  const own = balance.value.tas.find(({ ta }) => ta === ready.ta);
  if (own?.mustSync !== true) return first;
  const second = await syncOnce(core, ready);
  if (!second.ok) return second;
  return ok({
    uploaded: first.value.uploaded + second.value.uploaded,
    refused: first.value.refused + second.value.refused,
  });
}
