import type { Brand } from "../brand.ts";
import { equalBytes } from "../bytes.ts";
import {
  deviceVerify,
  type CertRefusal,
  type Certified,
  type PendingLeaf,
} from "../certificate/cert-verify.ts";
import type { SecurityLevel } from "../certificate/claims.ts";
import type { Root } from "../certificate/trust-store.ts";
import { decompress, type PublicKey } from "../cose/key.ts";
import { taIdOf, thumbprint } from "../cose/thumbprint.ts";
import { refusal, type Refusal } from "../errors.ts";
import type { InstitutionId, Seconds, TaId } from "../ids.ts";
import { deviceToRelyingParty } from "../messages/contexts.ts";
import { evidence, type Evidence } from "../messages/evidence.ts";
import type { Parsed } from "../messages/message.ts";
import { err, ok, type Result } from "../result.ts";
import { andThen, type Pending } from "./checks.ts";

/** One release of a TA or trusted OS: SHA-256 of its code, and its version. */
export type Release = { readonly measurement: Uint8Array; readonly version: number };

/** What a relying party accepts. */
export type AttestationPolicy = {
  readonly oemRoots: readonly Root[];
  readonly trustedApps: readonly Release[];
  readonly trustedOses: readonly Release[];
  /** Of the releases above only these versions and newer ones; all of them where there is no such number. */
  readonly minimumTaVersion?: number | undefined;
  readonly minimumTosVersion?: number | undefined;
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
      | "outdated-version"
      | "security-level"
      | "debug-enabled"
      | "wrong-anchor"
    >;

/** EAT `dbgstat` 0 (RFC 9711 §4.2.9); every other value says that debugging is disabled. */
const DEBUG_ENABLED = 0;

type EvidenceInput = {
  readonly relyingParty: InstitutionId;
  /** The one that is open for this client. */
  readonly nonce: Uint8Array;
  readonly now: Seconds;
};

/**
 * OEMVerify (§5.2) as far as the evidence itself goes. Whether T.vk or the device belongs to another client only the
 * provider's database knows.
 */
export function oemVerify(
  bytes: Uint8Array,
  input: EvidenceInput & { readonly policy: AttestationPolicy },
): Result<Pending<VerifiedEvidence>, EvidenceRefusal> {
  const { policy } = input;
  const read = readEvidence(bytes, input, policy.oemRoots);
  if (!read.ok) return read;
  const { payload } = read.value.parsed;
  const refused = checkPolicy(payload, read.value.device.claimed.claims.securityLevel, policy);
  return refused === undefined ? signedEvidence(read.value, input) : err(refused);
}

/** The same without a policy: what a device said, for whoever appraises it otherwise (§17.3). */
export function evidenceVerify(
  bytes: Uint8Array,
  input: EvidenceInput & { readonly oemRoots: readonly Root[] },
): Result<Pending<VerifiedEvidence>, EvidenceRefusal> {
  const read = readEvidence(bytes, input, input.oemRoots);
  return read.ok ? signedEvidence(read.value, input) : read;
}

type ReadEvidence = {
  readonly parsed: Parsed<Evidence>;
  readonly device: PendingLeaf<"device">;
};

function readEvidence(
  bytes: Uint8Array,
  { nonce, now }: EvidenceInput,
  roots: readonly Root[],
): Result<ReadEvidence, EvidenceRefusal> {
  const parsed = evidence.parse(bytes);
  if (!parsed.ok) return parsed;
  const { payload, certificate } = parsed.value;
  // The device certificate is under an accepted OEM root, and is the certificate of the device that speaks.
  if (certificate === undefined) return err(refusal("missing-certificate"));
  const device = deviceVerify({ certificate, roots, now });
  if (!device.ok) return device;
  if (payload.device !== device.value.claimed.id) return err(refusal("wrong-key"));
  // The nonce is the one that was asked with.
  if (!equalBytes(payload.nonce, nonce)) return err(refusal("unknown-nonce"));
  return ok({ parsed: parsed.value, device: device.value });
}

function signedEvidence(
  { parsed, device }: ReadEvidence,
  { relyingParty }: EvidenceInput,
): Result<Pending<VerifiedEvidence>, EvidenceRefusal> {
  const { payload } = parsed;
  // T.vk is a valid key.
  const key = decompress(payload.key);
  if (!key.ok) return err(refusal("bad-key"));
  // The device's signature, for this relying party.
  const { id, claims } = device.claimed;
  const context = deviceToRelyingParty({ device: id, relyingParty });
  const check = evidence.signatureCheck(parsed, context, claims.key);
  return ok(
    andThen(device, [check], (certified) => {
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
  if (taVersion < (policy.minimumTaVersion ?? 0) || tosVersion < (policy.minimumTosVersion ?? 0)) {
    return refusal("outdated-version");
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
