import type { Brand } from "../brand.ts";
import { equalBytes } from "../bytes.ts";
import { CLOCK_SKEW } from "../certificate/path.ts";
import { encode } from "../cbor/index.ts";
import { refusal, type Refusal } from "../errors.ts";
import type { InstitutionId, Seconds } from "../ids.ts";
import { attestationResult, type AttestationResult } from "../messages/attestation-result.ts";
import { makerToRelyingParty } from "../messages/contexts.ts";
import { evidence, type Evidence } from "../messages/evidence.ts";
import { err, ok, type Result } from "../result.ts";
import {
  appointedSigner,
  checkAppointed,
  type AppointmentRefusal,
  type OemRoot,
} from "./appointment-verify.ts";
import { pending, type Pending } from "./checks.ts";

export type VerifiedResult = Brand<
  { readonly result: AttestationResult; readonly manufacturer: InstitutionId },
  "VerifiedResult"
>;

export type ResultRefusal =
  | AppointmentRefusal
  | Refusal<
      | "unknown-nonce"
      | "wrong-key"
      | "not-yet-valid"
      | "expired"
      | "device-revoked"
      | "untrusted-measurement"
      | "debug-enabled"
      | "security-level"
      | "outdated-version"
    >;

const VERDICT_REFUSALS = {
  "device-revoked": "device-revoked",
  "untrusted-measurement": "untrusted-measurement",
  "debug-enabled": "debug-enabled",
  "security-level": "security-level",
  outdated: "outdated-version",
} as const;

/**
 * A manufacturer's word on evidence, by the relying party that asked for it (§17.3): about this evidence and no other,
 * still good, and not against the device.
 */
export function attestationResultVerify(
  bytes: Uint8Array,
  input: {
    readonly roots: readonly OemRoot[];
    readonly relyingParty: InstitutionId;
    /** What was asked about. */
    readonly evidence: Evidence;
    readonly now: Seconds;
  },
): Result<Pending<VerifiedResult>, ResultRefusal> {
  const { roots, relyingParty, now } = input;
  const parsed = attestationResult.parse(bytes);
  if (!parsed.ok) return parsed;
  const signed = appointedSigner(parsed.value, "service", roots);
  if (!signed.ok) return signed;
  const { signer, check } = signed.value;
  const { payload } = parsed.value;
  const refused = checkAppointed(signer, now, CLOCK_SKEW) ?? checkTime(payload, now);
  if (refused !== undefined) return err(refused);
  if (!equalBytes(payload.nonce, input.evidence.nonce)) return err(refusal("unknown-nonce"));
  if (!isAbout(payload, input.evidence)) return err(refusal("wrong-key"));
  const { status, reason } = payload.verdict;
  if (status === "contraindicated") return err(refusal(codeOf(reason)));
  const { name, manufacturer, key } = signer;
  const context = makerToRelyingParty({ manufacturer: name, relyingParty });
  const own = attestationResult.signatureCheck(parsed.value, context, key.compressed);
  return ok(pending([check, own], () => ({ result: payload, manufacturer }) as VerifiedResult));
}

function checkTime(
  { at, exp }: AttestationResult,
  now: Seconds,
): Refusal<"not-yet-valid" | "expired"> | undefined {
  if (at > now + CLOCK_SKEW) return refusal("not-yet-valid");
  return now > exp ? refusal("expired") : undefined;
}

/** The result repeats every claim of the evidence. */
function isAbout(result: AttestationResult, said: Evidence): boolean {
  const { key, nonce, device, debug, measurements } = result;
  const repeated: Evidence = { key, nonce, device, debug, measurements };
  return equalBytes(encode(evidence.payload, repeated), encode(evidence.payload, said));
}

function codeOf(reason: AttestationResult["verdict"]["reason"]) {
  return reason === undefined ? "untrusted-measurement" : VERDICT_REFUSALS[reason];
}
