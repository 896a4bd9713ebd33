import { toHex, type InstitutionId, type Seconds } from "@bezant/protocol";
import { asBuffer } from "./authority.ts";
import { X509Certificate } from "./library.ts";
import { nameIn } from "./names.ts";
import type { X509Register } from "./register.ts";

/** Takes back all TLS certificates of an institution, or exactly this one, if it is in the register: their serials. */
export async function revokeTls(
  register: X509Register,
  what: InstitutionId | Uint8Array,
  at: Seconds,
): Promise<string[]> {
  const serials: string[] = [];
  for (const { certificate } of await register.entries()) {
    const parsed = new X509Certificate(asBuffer(certificate));
    const name = nameIn(parsed);
    const isMeant =
      typeof what === "string"
        ? name.ok && name.value.id === what
        : toHex(certificate) === toHex(what);
    if (!isMeant) continue;
    await register.revoke({ serial: parsed.serialNumber, at });
    serials.push(parsed.serialNumber);
  }
  return serials;
}
