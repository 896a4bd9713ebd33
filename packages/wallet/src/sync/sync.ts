import { ok, type Counter, type Result, type TaId } from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { needTaAndProvider, type Online, type Ready } from "../core/identity.ts";
import { isUnsettled } from "../core/stop.ts";
import { AWAITED, parsePaymentKey } from "../payment/records.ts";
import { settle } from "../payment/settle.ts";
import { adopt } from "../registration/adopt.ts";
import type { WalletRefusal } from "../refusals.ts";
import { fetchStatus, type FetchedStatus } from "../status/fetch.ts";
import { onlineBalance } from "../view/online.ts";
import { exchangeLists } from "./institutions.ts";
import { syncOnce, type Synced } from "./sync-once.ts";
import { readToken } from "./token.ts";

export type SyncReport = Synced & {
  /** Own payments whose outcome the provider knew. */
  readonly settled: number;
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
  const settled = await askForOutcomes(core, ready.value.online);
  if (!settled.ok) return settled;
  const status = await fetchStatus(core, ready.value.online);
  return ok({ ...synced.value, settled: settled.value, status });
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

/** Asks for the outcomes of payments whose payees have not brought them. */
async function askForOutcomes(core: Core, online: Online): Promise<Result<number, WalletRefusal>> {
  const awaited = await core.records.list(AWAITED);
  let settled = 0;
  for (const { key, value } of awaited) {
    if (value.what !== "outcome") continue;
    const { ta, j } = parsePaymentKey(key);
    const done = await askForOutcome(core, online, ta, j);
    if (!done.ok) return done;
    if (done.value) settled += 1;
  }
  return ok(settled);
}

async function askForOutcome(
  core: Core,
  online: Online,
  ta: TaId,
  j: Counter,
): Promise<Result<boolean, WalletRefusal>> {
  const token = await readToken(core, online);
  if (!token.ok) return token;
  const found = await online.client.outcome(token.value, ta, j);
  if (!found.ok) return isUnsettled(found.error) ? found : ok(false);
  const settled = await settle(core, found.value);
  return ok(settled.ok);
}
