import { err, ok, refusal, type Result } from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { forTa } from "../core/envelope.ts";
import { needProvider, type Equipped } from "../core/identity.ts";
import { isUnsettled } from "../core/stop.ts";
import type { WalletRefusal } from "../refusals.ts";
import { syncOnce } from "../sync/sync-once.ts";
import { OUTGOING, paymentKey } from "./records.ts";

/**
 * Makes room in the TA's outbox: by the outcomes that the wallet holds, else by a sync, else by the word of a payee's wallet
 * that it has its payment, which this wallet keeps as well. Whoever calls has the turn `pay`.
 */
export async function relieveOutbox(
  core: Core,
  equipped: Equipped,
): Promise<Result<void, WalletRefusal>> {
  for (const way of [settleKnown, syncIfOnline, releaseReceived]) {
    const tried = await way(core, equipped);
    if (!tried.ok) return tried;
    const info = await equipped.device.getInfo();
    if (!info.ok) return info;
    if (info.value.unsettled.length < PLACES) return ok(undefined);
  }
  return err(refusal("outbox-full"));
}

/** Payments that a TA keeps. */
const PLACES = 16;

async function settleKnown(core: Core, equipped: Equipped): Promise<Result<void, WalletRefusal>> {
  const info = await equipped.device.getInfo();
  if (!info.ok) return info;
  for (const j of info.value.unsettled) {
    const record = await core.records.get(OUTGOING, paymentKey(equipped.ta, j));
    if (record?.outcome === undefined) continue;
    const settled = await equipped.device.settle({
      outcome: forTa(core, equipped, record.outcome),
    });
    if (!settled.ok && isUnsettled(settled.error)) return settled;
  }
  return ok(undefined);
}

/** The provider stores the payments, so the TA need not; without a network there is another way. */
async function syncIfOnline(core: Core, equipped: Equipped): Promise<Result<void, WalletRefusal>> {
  const online = await needProvider(core);
  if (online.ok) {
    await core.exclusive("sync", () => syncOnce(core, { ...equipped, online: online.value }));
  }
  return ok(undefined);
}

async function releaseReceived(
  core: Core,
  equipped: Equipped,
): Promise<Result<void, WalletRefusal>> {
  const info = await equipped.device.getInfo();
  if (!info.ok) return info;
  for (const j of info.value.unsettled) {
    const record = await core.records.get(OUTGOING, paymentKey(equipped.ta, j));
    if (record?.receipt === undefined) continue;
    const released = await equipped.device.release({ outcome: record.receipt });
    if (released.ok) return ok(undefined);
    if (isUnsettled(released.error)) return released;
  }
  return ok(undefined);
}
