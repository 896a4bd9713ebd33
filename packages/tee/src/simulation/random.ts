import { createHash } from "node:crypto";
import type { Random } from "../crypto/private-key.ts";

/** The same bytes in every run: SHA-256 in counter mode over a seed. */
export function seededRandom(seed: string): Random {
  let block = 0;
  let spare: Uint8Array = new Uint8Array();
  return (length) => {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length;) {
      if (spare.length === 0) {
        spare = createHash("sha256").update(`${block} ${seed}`).digest();
        block += 1;
      }
      const part = spare.subarray(0, length - at);
      bytes.set(part, at);
      at += part.length;
      spare = spare.subarray(part.length);
    }
    return bytes;
  };
}
