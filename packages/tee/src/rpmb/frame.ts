// The data frame of a replay-protected memory block (JEDEC eMMC, JESD84-B51 §6.6.22): 512 bytes, big-endian.
import { createHmac, timingSafeEqual } from "node:crypto";

export const FRAME_SIZE = 512;
export const DATA_SIZE = 256;
export const NONCE_SIZE = 16;

const MAC = 196;
const DATA = 228;
const NONCE = 484;
const COUNTER = 500;
const ADDRESS = 504;
const BLOCK_COUNT = 506;
const RESULT = 508;
const TYPE = 510;

/** Request and response types. */
export const RPMB_TYPE = {
  programKey: 0x0001,
  readCounter: 0x0002,
  write: 0x0003,
  read: 0x0004,
  keyProgrammed: 0x0100,
  counterRead: 0x0200,
  written: 0x0300,
  dataRead: 0x0400,
} as const;

/** Operation results; `counterExpired` is a flag on top of the others. */
export const RPMB_RESULT = {
  ok: 0,
  generalFailure: 1,
  authenticationFailure: 2,
  counterFailure: 3,
  addressFailure: 4,
  writeFailure: 5,
  readFailure: 6,
  keyNotProgrammed: 7,
  counterExpired: 0x80,
} as const;

export type RpmbFrame = {
  /** Half sector of 256 bytes. */
  readonly data?: Uint8Array;
  readonly nonce?: Uint8Array;
  readonly counter?: number;
  /** Number of the half sector. */
  readonly address?: number;
  readonly blockCount?: number;
  readonly result?: number;
  readonly type: number;
};

/** The frame's bytes, authenticated if there is a key; without one the MAC field is zero. */
export function encodeFrame(frame: RpmbFrame, key?: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(FRAME_SIZE);
  const view = new DataView(bytes.buffer);
  if (frame.data !== undefined) bytes.set(frame.data, DATA);
  if (frame.nonce !== undefined) bytes.set(frame.nonce, NONCE);
  view.setUint32(COUNTER, frame.counter ?? 0);
  view.setUint16(ADDRESS, frame.address ?? 0);
  view.setUint16(BLOCK_COUNT, frame.blockCount ?? 0);
  view.setUint16(RESULT, frame.result ?? 0);
  view.setUint16(TYPE, frame.type);
  if (key !== undefined) bytes.set(macOf(bytes, key), MAC);
  return bytes;
}

/** The key programming frame carries the key itself where others carry a MAC. */
export function encodeKeyFrame(key: Uint8Array): Uint8Array {
  const bytes = encodeFrame({ type: RPMB_TYPE.programKey });
  bytes.set(key, MAC);
  return bytes;
}

export function decodeFrame(bytes: Uint8Array): Required<RpmbFrame> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, FRAME_SIZE);
  return {
    data: bytes.slice(DATA, DATA + DATA_SIZE),
    nonce: bytes.slice(NONCE, NONCE + NONCE_SIZE),
    counter: view.getUint32(COUNTER),
    address: view.getUint16(ADDRESS),
    blockCount: view.getUint16(BLOCK_COUNT),
    result: view.getUint16(RESULT),
    type: view.getUint16(TYPE),
  };
}

/** The key that a key programming frame carries. */
export function keyOfFrame(bytes: Uint8Array): Uint8Array {
  return bytes.slice(MAC, DATA);
}

/** Whether the frame carries the HMAC-SHA-256 of everything behind the MAC field. */
export function isAuthentic(bytes: Uint8Array, key: Uint8Array): boolean {
  return timingSafeEqual(bytes.subarray(MAC, DATA), macOf(bytes, key));
}

function macOf(bytes: Uint8Array, key: Uint8Array): Uint8Array {
  return createHmac("sha256", key).update(bytes.subarray(DATA)).digest();
}
