import { bytes, map, mapped, oneOf, uint, type Infer, type Schema } from "../cbor/index.ts";
import { confirmation } from "../cose/key.ts";
import { field } from "../fields.ts";
import { fromHex, toHex } from "../hex.ts";
import type { DeviceId } from "../ids.ts";
import { defineMessage } from "./message.ts";

/** A UEID of type 1 (RFC 9711 §4.2.1) whose random part is the device id. */
export const ueid: Schema<DeviceId> = mapped(
  bytes(33),
  (value) => (value[0] === 1 ? (toHex(value.subarray(1)) as DeviceId) : undefined),
  (device) => fromHex(`01${device}`),
);

export const measurements = map({
  /** SHA-256 of the TA's Wasm module. */
  taMeasurement: [1, field.digest],
  taVersion: [2, uint()],
  tosMeasurement: [3, field.digest],
  tosVersion: [4, uint()],
  securityLevel: [5, oneOf(1, 2, 3)],
  /** Thumbprint of the root key that the TA pinned at Init. */
  anchor: [6, field.digest],
});

const payload = map({
  /** T.vk. */
  key: [8, confirmation],
  nonce: [10, field.nonce],
  device: [256, ueid],
  /** EAT `dbgstat`: 0 enabled, 1 disabled, to 4 disabled fully and permanently. */
  debug: [263, uint(4)],
  measurements: [-65_538, measurements],
});

/** What `TOS.Attest` says about a TA: an EAT (RFC 9711) under the device's key. */
export const evidence = defineMessage({
  typ: 65_014,
  name: "evidence",
  signedBy: "holder",
  payload,
});

export type Evidence = Infer<typeof payload>;
