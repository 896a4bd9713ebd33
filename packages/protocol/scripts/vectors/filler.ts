import { sha256 } from "../../src/index.ts";

/** Fixed bytes that look random. */
export function filler(label: string, length: number): Uint8Array {
  return sha256(new TextEncoder().encode(label)).slice(0, length);
}
