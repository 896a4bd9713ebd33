import {
  appointedSigner,
  checkAppointed,
  CLOCK_SKEW,
  err,
  keyIdOf,
  ok,
  refusal,
  verifySignature,
  type Appointed,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import { nodeVerifier } from "@bezant/pki/node";
import type { ManufacturerParts } from "./parts.ts";

/** What every operation works with. */
export interface Core extends ManufacturerParts {
  readonly appointed: Appointed;
}

/** Fails where the root has not appointed this signer. */
export function createCore(parts: ManufacturerParts): Result<Core, Refusal> {
  const { identity, signer, clock } = parts;
  const own = {
    typ: 0,
    payload: undefined,
    payloadBytes: new Uint8Array(),
    kid: keyIdOf(signer.publicKey),
    certificate: identity.appointment,
    signature: new Uint8Array(64),
  };
  const found = appointedSigner(own, "service", [identity.root]);
  if (!found.ok) return found;
  if (!verifySignature(found.value.check, nodeVerifier())) return err(refusal("bad-signature"));
  const refused = checkAppointed(found.value.signer, clock.now(), CLOCK_SKEW);
  return refused === undefined ? ok({ ...parts, appointed: found.value.signer }) : err(refused);
}

/** The service signs nothing after its appointment has ended. */
export function checkService({ appointed, clock }: Core): Refusal<"unavailable"> | undefined {
  return clock.now() > appointed.exp
    ? refusal("unavailable", "the service's appointment has ended")
    : undefined;
}
