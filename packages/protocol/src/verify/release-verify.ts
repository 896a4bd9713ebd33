import type { Brand } from "../brand.ts";
import { equalBytes } from "../bytes.ts";
import { sha256 } from "../crypto.ts";
import { refusal, type Refusal } from "../errors.ts";
import type { InstitutionId, Seconds } from "../ids.ts";
import { makerToAnybody } from "../messages/contexts.ts";
import type { Parsed } from "../messages/message.ts";
import { taEndorsement } from "../messages/ta-endorsement.ts";
import { taManifest, type TaManifest } from "../messages/ta-manifest.ts";
import { err, ok, type Result } from "../result.ts";
import {
  appointedSigner,
  checkAppointed,
  type AppointmentRefusal,
  type OemRoot,
} from "./appointment-verify.ts";
import { andThen, pending, type Pending } from "./checks.ts";

export type VerifiedManifest = Brand<
  {
    readonly manifest: TaManifest;
    /** SHA-256 of its payload, which is what an endorsement names. */
    readonly digest: Uint8Array;
    readonly developer: InstitutionId;
    readonly manufacturer: InstitutionId;
    readonly bytes: Uint8Array;
  },
  "VerifiedManifest"
>;

export type ManifestRefusal = AppointmentRefusal | Refusal<"not-yet-valid" | "expired">;

/** A manifest is its developer's, whom the manufacturer has appointed, at this time (§17.2). */
export function manifestVerify(
  bytes: Uint8Array,
  { roots, at }: { readonly roots: readonly OemRoot[]; readonly at: Seconds },
): Result<Pending<VerifiedManifest>, ManifestRefusal> {
  const parsed = taManifest.parse(bytes);
  if (!parsed.ok) return parsed;
  const signed = appointedSigner(parsed.value, "developer", roots);
  if (!signed.ok) return signed;
  const { signer, check } = signed.value;
  const refused = checkAppointed(signer, at);
  if (refused !== undefined) return err(refused);
  const context = makerToAnybody(signer.name);
  const own = taManifest.signatureCheck(parsed.value, context, signer.key.compressed);
  const digest = manifestDigest(parsed.value);
  const { name: developer, manufacturer } = signer;
  const value = { manifest: parsed.value.payload, digest, developer, manufacturer, bytes };
  return ok(pending([check, own], () => value as VerifiedManifest));
}

export type VerifiedRelease = Brand<
  {
    readonly manifest: TaManifest;
    readonly developer: InstitutionId;
    readonly manufacturer: InstitutionId;
    /** When the manufacturer endorsed it. */
    readonly at: Seconds;
  },
  "VerifiedRelease"
>;

export type ReleaseRefusal = ManifestRefusal | Refusal<"wrong-release">;

/**
 * A release of a TA (§17.2): its developer's manifest, endorsed by a manufacturer. Both appointments have to be of one
 * root, and valid when it was endorsed: a release outlives the keys that made it, and a device has no clock.
 */
export function releaseVerify(
  [manifest, endorsement]: readonly [manifest: Uint8Array, endorsement: Uint8Array],
  { roots }: { readonly roots: readonly OemRoot[] },
): Result<Pending<VerifiedRelease>, ReleaseRefusal> {
  const endorsed = taEndorsement.parse(endorsement);
  if (!endorsed.ok) return endorsed;
  const service = appointedSigner(endorsed.value, "service", roots);
  if (!service.ok) return service;
  const { signer, check } = service.value;
  const { at } = endorsed.value.payload;
  const refused = checkAppointed(signer, at);
  if (refused !== undefined) return err(refused);
  const own = roots.filter(({ id }) => id === signer.manufacturer);
  const developed = manifestVerify(manifest, { roots: own, at });
  if (!developed.ok) return developed;
  const parsed = taManifest.parse(manifest);
  if (!parsed.ok) return parsed;
  if (!equalBytes(endorsed.value.payload.manifest, manifestDigest(parsed.value))) {
    return err(refusal("wrong-release"));
  }
  const context = makerToAnybody(signer.name);
  const signature = taEndorsement.signatureCheck(endorsed.value, context, signer.key.compressed);
  return ok(
    andThen(developed.value, [check, signature], ({ manifest: said, developer, manufacturer }) => {
      return { manifest: said, developer, manufacturer, at } as VerifiedRelease;
    }),
  );
}

function manifestDigest({ payloadBytes }: Parsed<TaManifest>): Uint8Array {
  return sha256(payloadBytes);
}
