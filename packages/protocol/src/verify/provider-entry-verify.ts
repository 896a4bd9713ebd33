import { CLOCK_SKEW, type CertRefusal } from "../certificate/cert-verify.ts";
import { parseCertificate } from "../certificate/certificate.ts";
import { refusal, type Refusal } from "../errors.ts";
import type { InstitutionId, Seconds } from "../ids.ts";
import { providerEntry, type ProviderEntry } from "../messages/provider-entry.ts";
import { err, type Result } from "../result.ts";
import type { Pending } from "./checks.ts";
import type { Trust } from "./pay-verify.ts";
import { providerVerify, type FromProvider } from "./settlement-verify.ts";

/** Whether an entry counts now: it has not ended, and does not come from the future. */
export function checkEntryTime(
  { at, end }: Pick<ProviderEntry, "at" | "end">,
  now: Seconds,
): Refusal<"entry-not-current"> | undefined {
  if (end < now) return refusal("entry-not-current", "it has ended");
  if (at > now + CLOCK_SKEW) return refusal("entry-not-current", "its time has not come");
  return undefined;
}

/** An entry as it is written, and of which provider: nothing of it is verified. */
export function readProviderEntry(
  bytes: Uint8Array,
): { readonly provider: InstitutionId; readonly payload: ProviderEntry } | undefined {
  const parsed = providerEntry.parse(bytes);
  if (!parsed.ok || parsed.value.chain === undefined) return undefined;
  const certificate = parseCertificate(parsed.value.chain[0]);
  if (!certificate.ok || !("sub" in certificate.value.claims)) return undefined;
  return { provider: certificate.value.claims.sub, payload: parsed.value.payload };
}

/** Whether the key under an entry is revoked: then it holds no place against a lower number, which its thief cannot have used up. */
export function isTakenBack(bytes: Uint8Array, { trust, now }: Trust): boolean {
  const audience = trust.root.id;
  if (audience === undefined) return false;
  const heard = providerVerify(providerEntry, bytes, { trust, now, audience });
  return !heard.ok && heard.error.code === "issuer-revoked";
}

/** An entry of the directory (§16.5), whoever hands it on. */
export function providerEntryVerify(
  bytes: Uint8Array,
  { trust, now }: Trust,
): Result<
  Pending<FromProvider<ProviderEntry>>,
  CertRefusal | Refusal<"missing-certificate" | "entry-not-current">
> {
  const { id: audience } = trust.root;
  // Whoever pins the key alone does not know for which central bank entries are.
  if (audience === undefined) return err(refusal("unknown-issuer"));
  const parsed = providerEntry.parse(bytes);
  if (!parsed.ok) return parsed;
  const untimely = checkEntryTime(parsed.value.payload, now);
  if (untimely !== undefined) return err(untimely);
  return providerVerify(providerEntry, bytes, { trust, now, audience });
}
