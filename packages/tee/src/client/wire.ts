// What goes over the socket: u32 length, then one deterministic CBOR map. The socket is local and both ends are
// of one version, so this is no part of the protocol document.
import {
  bytes,
  hex,
  map,
  MAX_MESSAGE,
  maxSize,
  named,
  optional,
  text,
  uint,
  variants,
  type Infer,
} from "@bezant/protocol";
import { STORAGE_FAULT_CODES, type StorageFaultCode } from "../storage/fault.ts";
import { MAX_INPUT, MAX_OUTPUT, TEEC_ORIGINS, TEEC_RESULTS } from "./teec.ts";

export const WIRE_VERSION = 1;

const id = [2, uint()] as const;

export const requestSchema = variants("call", 1, {
  initializeContext: [0, { id, version: [3, uint()] }],
  openSession: [1, { id, uuid: [3, hex(16)] }],
  invokeCommand: [
    2,
    { id, session: [3, uint()], command: [4, uint()], input: [5, bytes(0, MAX_INPUT)] },
  ],
  closeSession: [3, { id, session: [3, uint()] }],
  /** A signed report of what is installed. */
  report: [4, { id, nonce: [3, bytes(16)] }],
  /** A part of an update; the one at 0 begins it. */
  upload: [5, { id, offset: [3, uint()], part: [4, bytes(1, MAX_INPUT)] }],
  /** Installs what was uploaded: a sealed update that answers the report with this nonce, or a plain package. */
  install: [6, { id, nonce: [3, optional(bytes(16))] }],
});
export type WireRequest = Infer<typeof requestSchema>;

const { TEEC_SUCCESS: _success, ...errorNumbers } = TEEC_RESULTS;
const reasonNumbers = Object.fromEntries(
  STORAGE_FAULT_CODES.map((code, number) => [code, number]),
) as Readonly<Record<StorageFaultCode, number>>;

const errorSchema = map({
  code: [1, named(errorNumbers)],
  origin: [2, named(TEEC_ORIGINS)],
  state: [3, named({ unchanged: 0, unknown: 1 })],
  reason: [4, optional(named(reasonNumbers))],
});

export const responseSchema = variants("answer", 1, {
  done: [0, { id }],
  session: [1, { id, session: [3, uint()] }],
  invocation: [2, { id, status: [3, uint()], output: [4, bytes(0, MAX_OUTPUT)] }],
  error: [3, { id, error: [3, errorSchema] }],
  report: [4, { id, report: [3, bytes(0, MAX_MESSAGE)] }],
  /** A refusal of docs/errors.md. */
  refused: [5, { id, code: [3, text(64, /^[a-z-]{1,64}$/)] }],
});
export type WireResponse = Infer<typeof responseSchema>;

export const MAX_REQUEST = maxSize(requestSchema);
export const MAX_RESPONSE = maxSize(responseSchema);

/** 32 hexadecimal digits of a UUID (RFC 9562 §4), or undefined. */
export function uuidToHex(uuid: string): string | undefined {
  const form = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
  return form.test(uuid) ? uuid.replaceAll("-", "") : undefined;
}

export function uuidFromHex(digits: string): string {
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
