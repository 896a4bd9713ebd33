import type { Brand } from "../brand.ts";
import { equalBytes } from "../bytes.ts";
import { deviceVerify, type CertRefusal, type Certified } from "../certificate/cert-verify.ts";
import type { SecurityLevel } from "../certificate/claims.ts";
import type { Root } from "../certificate/trust-store.ts";
import { decompress, type PublicKey } from "../cose/key.ts";
import { taIdOf, thumbprint } from "../cose/thumbprint.ts";
import { refusal, type Refusal } from "../errors.ts";
import type { InstitutionId, Seconds, TaId } from "../ids.ts";
import { deviceToRelyingParty } from "../messages/contexts.ts";
import { evidence, type Evidence } from "../messages/evidence.ts";
import { err, ok, type Result } from "../result.ts";
import { andThen, type Pending } from "./checks.ts";

/** One release of a TA or trusted OS: SHA-256 of its code, and its version. */
export type Release = { readonly measurement: Uint8Array; readonly version: number };

/** What a relying party accepts. */
export type AttestationPolicy = {
  readonly oemRoots: readonly Root[];
  readonly trustedApps: readonly Release[];
  readonly trustedOses: readonly Release[];
  readonly minimumLevel: SecurityLevel;
  /** The central bank root's key that the TA must have pinned. */
  readonly anchor: PublicKey;
};

export type VerifiedEvidence = Brand<
  {
    readonly evidence: Evidence;
    readonly ta: TaId;
    readonly key: PublicKey;
    readonly device: Certified<"device">;
  },
  "VerifiedEvidence"
>;

export type EvidenceRefusal =
  | CertRefusal
  | Refusal<
      | "missing-certificate"
      | "wrong-key"
      | "unknown-nonce"
      | "untrusted-measurement"
      | "security-level"
      | "debug-enabled"
      | "wrong-anchor"
    >;

/** EAT `dbgstat` 0 (RFC 9711 §4.2.9); every other value says that debugging is disabled. */
const DEBUG_ENABLED = 0;

/**
 * OEMVerify (§5.2) as far as the evidence itself goes. Whether T.vk or the device belongs to another client only the
 * provider's database knows.
 */
export function oemVerify(
  bytes: Uint8Array,
  input: {
    readonly policy: AttestationPolicy;
    readonly relyingParty: InstitutionId;
    /** The one that is open for this client. */
    readonly nonce: Uint8Array;
    readonly now: Seconds;
  },
): Result<Pending<VerifiedEvidence>, EvidenceRefusal> {
  const { policy, relyingParty, now } = input;
  const parsed = evidence.parse(bytes);
  if (!parsed.ok) return parsed;
  const { payload, certificate } = parsed.value;
  // The device certificate is under an accepted OEM root, and is the certificate of the device that speaks.
  if (certificate === undefined) return err(refusal("missing-certificate"));
  const device = deviceVerify({ certificate, roots: policy.oemRoots, now });
  if (!device.ok) return device;
  const { id, claims } = device.value.claimed;
  if (payload.device !== id) return err(refusal("wrong-key"));
  // The nonce is the one that was asked with.
  if (!equalBytes(payload.nonce, input.nonce)) return err(refusal("unknown-nonce"));
  const refused = checkPolicy(payload, claims.securityLevel, policy);
  if (refused !== undefined) return err(refused);
  // T.vk is a valid key.
  const key = decompress(payload.key);
  if (!key.ok) return err(refusal("bad-key"));

  // The device's signature, for this relying party.
  const context = deviceToRelyingParty({ device: id, relyingParty });
  const check = evidence.signatureCheck(parsed.value, context, claims.key);
  return ok(
    andThen(device.value, [check], (certified) => {
      const ta = taIdOf(key.value);
      return { evidence: payload, ta, key: key.value, device: certified } as VerifiedEvidence;
    }),
  );
}

function checkPolicy(
  { measurements, debug }: Evidence,
  certifiedLevel: SecurityLevel,
  policy: AttestationPolicy,
): EvidenceRefusal | undefined {
  const { taMeasurement, taVersion, tosMeasurement, tosVersion } = measurements;
  // TA and TOS, with their versions, are allowed.
  if (
    !allowed(policy.trustedApps, taMeasurement, taVersion) ||
    !allowed(policy.trustedOses, tosMeasurement, tosVersion)
  ) {
    return refusal("untrusted-measurement");
  }
  // The security level is at least the policy's, and no higher than the manufacturer certified.
  const level = measurements.securityLevel;
  if (level < policy.minimumLevel || level > certifiedLevel) return refusal("security-level");
  // Debugging is disabled.
  if (debug === DEBUG_ENABLED) return refusal("debug-enabled");
  // The TA pinned the key of the central bank that this relying party serves.
  if (!equalBytes(measurements.anchor, thumbprint(policy.anchor))) return refusal("wrong-anchor");
  return undefined;
}

function allowed(releases: readonly Release[], measurement: Uint8Array, version: number): boolean {
  return releases.some(
    (release) => release.version === version && equalBytes(release.measurement, measurement),
  );
}
