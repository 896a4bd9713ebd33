import { deviceIdOf, evidence, institutionId, toHex, type CompressedKey } from "@bezant/protocol";
import type { RootOfTrust } from "../root-of-trust/root-of-trust.ts";

/** What runs on the device, as evidence says it. */
export type Measurement = {
  /** SHA-256. */
  readonly measurement: Uint8Array;
  readonly version: number;
};

export type Attested = {
  readonly ta: Measurement;
  readonly tos: Measurement;
  /** EAT `dbgstat` (RFC 9711 §4.2.9): 0 enabled, 1 disabled. */
  readonly debug: 0 | 1;
};

/** What the TA says: for whom, the nonce to answer, its key, and the root key that it pinned. */
export type AttestationRequest = {
  readonly audience: Uint8Array;
  readonly nonce: Uint8Array;
  readonly vk: Uint8Array;
  readonly anchor: Uint8Array;
};

/** TOS.Attest: evidence under the device key, with the device certificate attached (docs/protocol.md §5). */
export function attest(
  rootOfTrust: RootOfTrust,
  { ta, tos, debug }: Attested,
  { audience, nonce, vk, anchor }: AttestationRequest,
): Uint8Array {
  const device = deviceIdOf(rootOfTrust.deviceKey);
  return evidence.sign(
    {
      key: toHex(vk) as CompressedKey,
      nonce,
      device,
      debug,
      measurements: {
        taMeasurement: ta.measurement,
        taVersion: ta.version,
        tosMeasurement: tos.measurement,
        tosVersion: tos.version,
        securityLevel: rootOfTrust.securityLevel,
        anchor,
      },
    },
    {
      currency: "",
      home: "",
      signer: device,
      audience: institutionId(new TextDecoder().decode(audience)),
    },
    { publicKey: rootOfTrust.deviceKey, sign: rootOfTrust.sign },
    { certificate: rootOfTrust.deviceCertificate },
  );
}
