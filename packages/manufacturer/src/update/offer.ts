import {
  encode,
  err,
  ok,
  updateAnswer,
  updatePackage,
  type Refusal,
  type Result,
  type VerifiedReport,
} from "@bezant/protocol";
import { done, transact } from "@bezant/service";
import { checkChallenge } from "../core/challenge.ts";
import type { Core } from "../core/core.ts";
import { reported } from "../device/reported.ts";
import { keepReport } from "../device/store.ts";
import { moduleOf, newestAfter, type ReleaseRow } from "../release/store.ts";
import { insertOffer } from "./store.ts";
import { sealUpdate } from "./seal.ts";

const NONCE = 16;

/** The TAM's answer to a device's report: the newest release that takes over from what it has, sealed for it alone. */
export async function offerUpdate(
  core: Core,
  body: Uint8Array,
): Promise<Result<Uint8Array, Refusal>> {
  const told = await reported(core, body);
  if (!told.ok) return told;
  const { report } = told.value;
  const open = checkChallenge(core, report.nonce);
  if (!open.ok) return open;
  const newest = await newestAfter(core.db, report.uuid, report.version);
  if (!newest.ok) return newest;
  const release = newest.value;
  const nonce = core.random(NONCE);
  const kept = await transact(core.db, async (transaction) => {
    const { id } = told.value.device;
    const at = core.clock.now();
    await keepReport(transaction, id, report, at);
    if (release !== undefined) await insertOffer(transaction, id, nonce, release, at);
    return done(undefined);
  });
  if (!kept.ok) return kept;
  if (release === undefined) {
    return ok(encode(updateAnswer, { kind: "current", value: report.version }));
  }
  return seal(core, told.value, release, nonce);
}

async function seal(
  { db, identity }: Core,
  { report, device, key }: VerifiedReport,
  release: ReleaseRow,
  nonce: Uint8Array,
): Promise<Result<Uint8Array, Refusal>> {
  const module = await moduleOf(db, release);
  if (!module.ok) return err(module.error);
  const { manifest, endorsement } = release;
  const update = encode(updatePackage, [[manifest, endorsement], module.value, nonce]);
  const parties = { manufacturer: identity.root.id, device: device.id, nonce: report.nonce };
  const value = await sealUpdate(update, key, parties);
  return ok(encode(updateAnswer, { kind: "update", value }));
}
