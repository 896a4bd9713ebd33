import {
  startWriting,
  writeArray,
  writeBytes,
  writeMap,
  writeNegative,
  writeText,
  writeUint,
  written,
} from "../cbor/writer";
import { digest, expand } from "../tee";

export const KEY_SIZE: u32 = 33;
export const ID_SIZE: u32 = 32;
export const KEY_ID_SIZE: u32 = 8;

const POINT = memory.data(64);
const PREIMAGE_CAPACITY: u32 = 80;
const PREIMAGE = memory.data(80);
/** "bezant wallet" */
const WALLET = memory.data<u8>([
  0x62, 0x65, 0x7a, 0x61, 0x6e, 0x74, 0x20, 0x77, 0x61, 0x6c, 0x6c, 0x65, 0x74,
]);
const WALLET_SIZE: u32 = 13;

/** The thumbprint (RFC 9679) of a compressed key, at `out`; false if it is no point of the curve. */
export function thumbprint(key: usize, out: usize): bool {
  if (expand(key, POINT) == 0) return false;
  thumbprintOfPoint(POINT, out);
  return true;
}

/** "SHA-256 over the deterministic encoding of {1: 2, -1: 1, -2: x, -3: y} with uncompressed y." */
export function thumbprintOfPoint(point: usize, out: usize): void {
  startWriting(PREIMAGE, PREIMAGE_CAPACITY);
  writeMap(4);
  writeUint(1);
  writeUint(2);
  writeNegative(0);
  writeUint(1);
  writeNegative(1);
  writeBytes(point, 32);
  writeNegative(2);
  writeBytes(point + 32, 32);
  digest(PREIMAGE, written(), out);
}

/** SEC 1 §2.3.3: the oddness of y, then x. */
export function compress(point: usize, out: usize): void {
  store<u8>(out, 2 | (load<u8>(point + 63) & 1));
  for (let i: u32 = 0; i < 32; i++) store<u8>(out + 1 + i, load<u8>(point + i));
}

/** "A wallet id is SHA-256(["bezant wallet", provider id, thumbprint])." `id` holds the thumbprint, then the wallet id. */
export function walletId(provider: usize, providerLength: u32, id: usize): void {
  startWriting(PREIMAGE, PREIMAGE_CAPACITY);
  writeArray(3);
  writeText(WALLET, WALLET_SIZE);
  writeText(provider, providerLength);
  writeBytes(id, ID_SIZE);
  digest(PREIMAGE, written(), id);
}
