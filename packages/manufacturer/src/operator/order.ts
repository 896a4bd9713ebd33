import {
  bytes,
  defineMessage,
  field,
  hex,
  MAX_CERTIFICATE,
  uint,
  variants,
  type Context,
  type Infer,
  type InstitutionId,
} from "@bezant/protocol";

const payload = variants("kind", 1, {
  /** Takes a device into the registry, by the certificate that the root has signed. */
  enrol: [0, { certificate: [2, bytes(1, MAX_CERTIFICATE)] }],
  /** For ever. */
  revoke: [1, { device: [2, field.deviceId] }],
  /** Endorses a release; manifest and module come beside the order. SHA-256 of the manifest's payload. */
  publish: [2, { manifest: [2, field.digest] }],
  /** For ever. */
  withdraw: [3, { uuid: [2, hex(16)], version: [3, uint()] }],
});

/**
 * What the manufacturer's operator orders, signed by one of the operator's keys. Each order can be repeated, and an old one
 * brought again undoes nothing: there is no way back from revoked or withdrawn. It never leaves the manufacturer.
 */
export const makerOrder = defineMessage({
  typ: 65_510,
  name: "maker-order",
  signedBy: "institution",
  payload,
});

export type MakerOrder = Infer<typeof payload>;

/** Operator and manufacturer are one institution. */
export function makerOrderContext(manufacturer: InstitutionId): Context {
  return { currency: "", home: "", signer: manufacturer, audience: manufacturer };
}
