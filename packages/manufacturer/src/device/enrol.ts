import {
  deviceVerify,
  runChecksAsync,
  type DeviceId,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import { done, transact } from "@bezant/service";
import type { Core } from "../core/core.ts";
import { insertDevice } from "./store.ts";

/** Takes a device that the root has certified into the registry. The root itself signed offline, at the factory. */
export async function enrol(
  core: Core,
  certificate: Uint8Array,
): Promise<Result<DeviceId, Refusal>> {
  const now = core.clock.now();
  const pending = deviceVerify({ certificate, roots: [core.identity.root], now });
  if (!pending.ok) return pending;
  const verified = await runChecksAsync(pending.value, core.verifier);
  if (!verified.ok) return verified;
  const { id } = verified.value;
  return transact(core.db, async (transaction) => {
    await insertDevice(transaction, id, certificate, now);
    return done(id);
  });
}
