// The data frame of a replay-protected memory block (JEDEC eMMC, JESD84-B51 §6.6.22): 512 bytes, big-endian.
import { createHmac, timingSafeEqual, type KeyObject } from "node:crypto";

/** As bytes, or imported once: that is a quarter of a MAC. */
export type MacKey = Uint8Array | KeyObject;

/** One frame carries a half sector; a transfer of more is as many frames, one after another. */
export const FRAME_SIZE = 512;
export const HALF_SECTOR = 256;
export const NONCE_SIZE = 16;

const MAC = 196;
const MAC_SIZE = 32;
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
  /** Half sectors of 256 bytes, each in a frame of its own. */
  readonly data?: Uint8Array;
  readonly nonce?: Uint8Array;
  readonly counter?: number;
  /** Number of the half sector. */
  readonly address?: number;
  readonly blockCount?: number;
  readonly result?: number;
  readonly type: number;
};

/**
 * The bytes of one frame, or of as many as the data takes, authenticated if there is a key. The last carries the MAC over all; without
 * a key the MAC field is zero.
 */
export function encodeFrame(frame: RpmbFrame, key?: MacKey): Uint8Array {
  const { data = new Uint8Array(HALF_SECTOR), nonce } = frame;
  const bytes = new Uint8Array((data.length / HALF_SECTOR) * FRAME_SIZE);
  const view = new DataView(bytes.buffer);
  for (let at = 0, from = 0; at < bytes.length; at += FRAME_SIZE, from += HALF_SECTOR) {
    bytes.set(data.subarray(from, from + HALF_SECTOR), at + DATA);
    if (nonce !== undefined) bytes.set(nonce, at + NONCE);
    view.setUint32(at + COUNTER, frame.counter ?? 0);
    view.setUint16(at + ADDRESS, frame.address ?? 0);
    view.setUint16(at + BLOCK_COUNT, frame.blockCount ?? 0);
    view.setUint16(at + RESULT, frame.result ?? 0);
    view.setUint16(at + TYPE, frame.type);
  }
  if (key !== undefined) bytes.set(macOf(bytes, key), lastOf(bytes) + MAC);
  return bytes;
}

/** The key programming frame carries the key itself where others carry a MAC. */
export function encodeKeyFrame(key: Uint8Array): Uint8Array {
  const bytes = encodeFrame({ type: RPMB_TYPE.programKey });
  bytes.set(key, MAC);
  return bytes;
}

/** All data, and the fields of the last frame. */
export function decodeFrame(bytes: Uint8Array): Required<RpmbFrame> {
  const frames = bytes.length / FRAME_SIZE;
  const data = new Uint8Array(frames * HALF_SECTOR);
  for (let i = 0; i < frames; i += 1) {
    const from = i * FRAME_SIZE + DATA;
    data.set(bytes.subarray(from, from + HALF_SECTOR), i * HALF_SECTOR);
  }
  const last = bytes.subarray(lastOf(bytes));
  const view = new DataView(last.buffer, last.byteOffset, FRAME_SIZE);
  return {
    data,
    nonce: last.slice(NONCE, NONCE + NONCE_SIZE),
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

/** Whether the last frame carries the HMAC-SHA-256 of what is behind the MAC field in each of them. */
export function isAuthentic(bytes: Uint8Array, key: MacKey): boolean {
  const at = lastOf(bytes) + MAC;
  return timingSafeEqual(bytes.subarray(at, at + MAC_SIZE), macOf(bytes, key));
}

function macOf(bytes: Uint8Array, key: MacKey): Uint8Array {
  const mac = createHmac("sha256", key);
  for (let at = 0; at < bytes.length; at += FRAME_SIZE) {
    mac.update(bytes.subarray(at + DATA, at + FRAME_SIZE));
  }
  return mac.digest();
}

function lastOf(bytes: Uint8Array): number {
  return bytes.length - FRAME_SIZE;
}
