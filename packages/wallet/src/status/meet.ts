import { err, ok, type Result } from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { attachedCertificate } from "../core/envelope.ts";
import type { WalletRefusal } from "../refusals.ts";
import { keepChunk, staple as stapleOf } from "./chunks.ts";

/** Takes a part of a status list from anybody; it proves itself. The newer one of two is kept. */
export async function meetStatus(
  core: Core,
  message: Uint8Array,
): Promise<Result<{ readonly isNew: boolean }, WalletRefusal>> {
  return core.exclusive("status", async () => {
    const kept = await keepChunk(core, message);
    return "isNew" in kept ? ok(kept) : err(kept);
  });
}

/**
 * What goes with an own request or payment: the part of the own provider's status list that says the certificate in it is not
 * revoked. Undefined where the wallet has none, as before its first sync.
 */
export async function staple(
  core: Core,
  message: Uint8Array,
): Promise<Result<Uint8Array | undefined, WalletRefusal>> {
  const own = attachedCertificate(message);
  return ok(own === undefined ? undefined : await stapleOf(core, own));
}
