import { fromHex, toHex } from "@bezant/protocol";
import { DAY, START } from "../../world/institutions.ts";

export const MAX_U32 = 0xffff_ffff;
export const MAX_U64 = 0xffff_ffff_ffff_ffffn;
/** When the certificates of the test network end. */
export const END = START + 3650 * DAY;
export const CHALLENGE = new Uint8Array(8).fill(1);

/** Where numbers stand in the state. */
export const AT = {
  exp: 312,
  balance: 368,
  time: 436,
  j: 456,
  r: 460,
  paid: 520,
  collected: 528,
} as const;

/** The order of P-256's group. */
export const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The other of the two signatures that ECDSA makes out of one: s becomes n - s. */
export function malleated(message: Uint8Array): Uint8Array {
  const at = message.length - 32;
  const s = BigInt(`0x${toHex(message.subarray(at))}`);
  const flipped = fromHex((ORDER - s).toString(16).padStart(64, "0"));
  return Uint8Array.of(...message.subarray(0, at), ...flipped);
}
