import { err, ok, type Result, type TaId } from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { needTa, needTaAndProvider, needProvider, type Equipped } from "../core/identity.ts";
import { begin, end, isAtRest, unfinished } from "../core/journal.ts";
import { pending, walletRefusal, type WalletRefusal } from "../refusals.ts";
import { put, remove } from "../store/records.ts";
import { RETIRED, TRUSTED_APP } from "./records.ts";

export type RetiredTa = { readonly ta: TaId };

/**
 * Ends the device's TA, which must be empty: its key is destroyed, and the device may be set up anew. What the provider has still
 * confirmed for it goes back to the online balance.
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
  if (!word.ok) {
    if (word.error.code === "device-interrupted") return err(pending(word.error));
    await core.records.commit(end("retire", ta));
    return word;
  }
  await core.records.commit(
    put(RETIRED, ta, { at: core.now(), state: "signed", statement: word.value }),
    remove(TRUSTED_APP, "active"),
  );
  const reported = await report(core, ta);
  return reported.ok ? ok({ ta }) : reported;
}

async function resumeOne(core: Core, ta: TaId): Promise<Result<void, WalletRefusal>> {
  if ((await core.records.get(RETIRED, ta)) !== undefined) return report(core, ta);
  const equipped = await needTa(core);
  if (!equipped.ok) return err(pending(equipped.error));
  const info = await equipped.value.device.getInfo();
  if (!info.ok) return err(pending(info.error));
  if (info.value.phase !== "retired") {
    await core.records.commit(end("retire", ta));
    return ok(undefined);
  }
  // It signed its last word, which nobody got: its key is gone, so nobody will. It was empty, so nothing is lost by that.
  await core.records.commit(
    put(RETIRED, ta, { at: core.now(), state: "lost" }),
    remove(TRUSTED_APP, "active"),
    end("retire", ta),
  );
  return ok(undefined);
}

async function report(core: Core, ta: TaId): Promise<Result<void, WalletRefusal>> {
  const record = await core.records.get(RETIRED, ta);
  if (record?.statement === undefined) throw new Error(`no word of ${ta}`);
  const online = await needProvider(core);
  if (!online.ok) return err(pending(online.error));
  const receipt = await online.value.client.retire(record.statement);
  if (!receipt.ok) return err(pending(receipt.error));
  await core.records.commit(put(RETIRED, ta, { ...record, state: "reported" }), end("retire", ta));
  return ok(undefined);
}
