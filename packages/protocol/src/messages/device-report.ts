import { hex, map, uint, type Infer } from "../cbor/index.ts";
import { confirmation } from "../cose/key.ts";
import { field } from "../fields.ts";
import { ueid } from "./evidence.ts";
import { defineMessage } from "./message.ts";

const payload = map({
  /** The device's key for HPKE (RFC 9180), of no other use. */
  key: [8, confirmation],
  /** Of the manufacturer's challenge, or of the update that was installed. */
  nonce: [10, field.nonce],
  device: [256, ueid],
  /** What is installed. */
  uuid: [1, hex(16)],
  version: [2, uint()],
  measurement: [3, field.digest],
  tosMeasurement: [4, field.digest],
  tosVersion: [5, uint()],
});

/**
 * A device tells its manufacturer what is installed on it: TEEP's QueryResponse, and after an installation the signed
 * hash of what is installed now (§17.4).
 */
export const deviceReport = defineMessage({
  typ: 65_043,
  name: "device-report",
  signedBy: "holder",
  payload,
});

export type DeviceReport = Infer<typeof payload>;
