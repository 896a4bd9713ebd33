import { equalBytes, type DeviceId, type Refusal, type Result } from "@bezant/protocol";
import { done, refuse, transact } from "@bezant/service";
import type { Core } from "../core/core.ts";
import { reported } from "../device/reported.ts";
import { keepReport } from "../device/store.ts";
import { findOffer, markInstalled } from "./store.ts";

export interface Installation {
  readonly device: DeviceId;
  readonly version: number;
  readonly measurement: Uint8Array;
}

/** Checks the signed hash with which a device answers an update: it is what was sent, and to this device. */
export async function confirmInstallation(
  core: Core,
  body: Uint8Array,
): Promise<Result<Installation, Refusal>> {
  const told = await reported(core, body);
  if (!told.ok) return told;
  const { report, device } = told.value;
  return transact(core.db, async (transaction) => {
    const offer = await findOffer(transaction, device.id, report.nonce);
    if (offer === undefined) return refuse("unknown-nonce");
    const isInstalled =
      offer.uuid === report.uuid &&
      offer.version === report.version &&
      equalBytes(offer.measurement, report.measurement);
    if (!isInstalled) return refuse("wrong-release", "the device says that it has another one");
    const at = core.clock.now();
    await markInstalled(transaction, device.id, report.nonce, at);
    await keepReport(transaction, device.id, report, at);
    const { version, measurement } = report;
    return done({ device: device.id, version, measurement });
  });
}
