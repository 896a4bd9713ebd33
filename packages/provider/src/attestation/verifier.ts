import {
  attestationQuery,
  attestationResultVerify,
  encode,
  keyIdOf,
  ok,
  runChecksAsync,
  type OemRoot,
  type Refusal,
  type Result,
  type VerifiedEvidence,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";

/** A manufacturer's service, as a relying party asks it: the Verifier of RFC 9334. */
export interface OemVerifier {
  /** Of its devices alone it is asked, and in its name alone it may answer. */
  readonly root: OemRoot;
  /** `attestationQuery` → `attestationResult`, or what the service refused; `unavailable` where it does not answer. */
  readonly ask: (query: Uint8Array) => Promise<Result<Uint8Array, Refusal>>;
}

/**
 * Asks the manufacturer of a device about its evidence, where the policy names a service of that manufacturer's. It knows
 * what nobody else does: whether the device is revoked, or its software withdrawn. Without its word there is no certificate.
 */
export async function askManufacturer(
  { oemVerifiers = [], identity, clock, verifier }: Core,
  bytes: Uint8Array,
  { evidence, device }: VerifiedEvidence,
): Promise<Result<void, Refusal>> {
  const service = oemVerifiers.find(({ root }) => keyIdOf(root.key) === device.certificate.kid);
  if (service === undefined) return ok(undefined);
  const query = encode(attestationQuery, [identity.id, evidence.nonce, bytes]);
  const answer = await service.ask(query);
  if (!answer.ok) return answer;
  const pending = attestationResultVerify(answer.value, {
    roots: [service.root],
    relyingParty: identity.id,
    evidence,
    now: clock.now(),
  });
  if (!pending.ok) return pending;
  const verified = await runChecksAsync(pending.value, verifier);
  return verified.ok ? ok(undefined) : verified;
}
