import { err, ok, type Result, type TaId } from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import {
  needProvider,
  needTa,
  needTaAndProvider,
  type Equipped,
  type Online,
} from "../core/identity.ts";
import { begin, end, isAtRest, unfinished } from "../core/journal.ts";
import { stop } from "../core/stop.ts";
import type { Device } from "../device/device.ts";
import { pending, walletRefusal, type WalletRefusal } from "../refusals.ts";
import { put, remove } from "../store/records.ts";
import { RETIRED, TRUSTED_APP, type RetiredRecord } from "./records.ts";

export type RetiredTa = { readonly ta: TaId };

/**
 * Ends the device's TA, which must be empty: it says so once and for all, and the device may be set up anew. What the provider has
 * still confirmed for it goes back to the online balance.
 */
export async function retire(core: Core): Promise<Result<RetiredTa, WalletRefusal>> {
  return core.exclusive("retire", async () => {
    const ready = await needTaAndProvider(core);
    if (!ready.ok) return ready;
    if (!(await isAtRest(core))) return err(walletRefusal("unfinished"));
    const { ta } = ready.value;
    await core.records.commit(begin("retire", ta, core.now()));
    return retireTa(core, ready.value);
  });
}

export async function resumeRetire(core: Core): Promise<Result<void, WalletRefusal>> {
  return core.exclusive("retire", async () => {
    for (const ta of await unfinished(core, "retire")) {
      const resumed = await resumeOne(core, ta as TaId);
      if (!resumed.ok) return resumed;
    }
    return ok(undefined);
  });
}

async function retireTa(core: Core, equipped: Equipped): Promise<Result<RetiredTa, WalletRefusal>> {
  const { ta, device } = equipped;
  const word = await device.retire();
  if (!word.ok) return stop(core, word.error, end("retire", ta));
  const record = { at: core.now(), state: "signed", statement: word.value } as const;
  await core.records.commit(put(RETIRED, ta, record), remove(TRUSTED_APP, "active"));
  const reported = await report(core, ta, record);
  return reported.ok ? ok({ ta }) : reported;
}

async function resumeOne(core: Core, ta: TaId): Promise<Result<void, WalletRefusal>> {
  const record = await core.records.get(RETIRED, ta);
  if (record !== undefined) return report(core, ta, record);
  const equipped = await needTa(core);
  if (!equipped.ok) return err(pending(equipped.error));
  const info = await equipped.value.device.getInfo();
  if (!info.ok) return err(pending(info.error));
  const { phase, id } = info.value;
  if (phase !== "retired" || id !== ta) {
    await core.records.commit(end("retire", ta));
    return ok(undefined);
  }
  // It has signed its last word, which nobody got; it signs the same again until it is set up anew.
  const retired = await retireTa(core, equipped.value);
  return retired.ok ? ok(undefined) : retired;
}

/**
 * The last word of the TA that the device has retired reaches the provider before the device is set up anew, which ends the TA's key: a
 * store that was put back, or another copy of the wallet, has not got it. A TA that is none of this client's is no matter of this wallet.
 */
export async function reportRetired(
  core: Core,
  device: Device,
  { client, provider }: Online,
): Promise<Result<void, WalletRefusal>> {
  const info = await device.getInfo();
  if (!info.ok) return info;
  const { id, home } = info.value;
  if (id === "" || home !== provider) return ok(undefined);
  if ((await core.records.get(RETIRED, id)) !== undefined) return ok(undefined);
  const word = await device.retire();
  if (!word.ok) return word;
  const receipt = await client.retire(word.value);
  // That is what a provider says of a TA that it does not know as one of the client's.
  if (!receipt.ok) return receipt.error.code === "bad-signature" ? ok(undefined) : receipt;
  const record = { at: core.now(), state: "reported", statement: word.value } as const;
  await core.records.commit(put(RETIRED, id, record));
  return ok(undefined);
}

/** Whether a TA may have signed its last word, which the wallet has not got yet: setting it up anew would lose it. */
export async function awaitsStatement(core: Core): Promise<boolean> {
  const tas = await unfinished(core, "retire");
  const records = await Promise.all(tas.map((ta) => core.records.get(RETIRED, ta)));
  return records.includes(undefined);
}

async function report(
  core: Core,
  ta: TaId,
  record: RetiredRecord,
): Promise<Result<void, WalletRefusal>> {
  const online = await needProvider(core);
  if (!online.ok) return err(pending(online.error));
  const receipt = await online.value.client.retire(record.statement);
  if (!receipt.ok) return err(pending(receipt.error));
  await core.records.commit(put(RETIRED, ta, { ...record, state: "reported" }), end("retire", ta));
  return ok(undefined);
}
