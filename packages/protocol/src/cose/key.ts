import type { Brand } from "../brand.ts";
import { bool, hex, literal, map, mapped, type Schema } from "../cbor/index.ts";
import { fromHex, toHex } from "../hex.ts";
import { err, ok, type Result } from "../result.ts";
import { isOnCurve, solveY } from "./curve.ts";

/**
 * A P-256 key as certificates carry it: the 33 bytes of its compressed point (SEC 1 §2.3.3) as lowercase hex, so that
 * a cache can use it as its key. It may still be no point of the curve: only `decompress`, or the library that
 * imports it, finds out.
 */
export type CompressedKey = Brand<string, "CompressedKey">;

/** A P-256 public key, known to be a point of the curve. Coordinates are 32 bytes, big-endian. */
export type PublicKey = Brand<
  { readonly x: Uint8Array; readonly y: Uint8Array; readonly compressed: CompressedKey },
  "PublicKey"
>;

/** Not 32-byte coordinates below p, or not a point of the curve. */
export type KeyError = "bad-key";

const FIELD_PRIME = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
const COMPRESSED = /^0[23][0-9a-f]{64}$/;

export function isCompressedKey(value: unknown): value is CompressedKey {
  return typeof value === "string" && COMPRESSED.test(value) && value.slice(2) < FIELD_PRIME;
}

/** Checks a key that arrives with both coordinates. */
export function publicKey(x: Uint8Array, y: Uint8Array): Result<PublicKey, KeyError> {
  if (x.length !== 32 || y.length !== 32) return err("bad-key");
  const xHex = toHex(x);
  const yHex = toHex(y);
  if (!isOnCurve(BigInt(`0x${xHex}`), BigInt(`0x${yHex}`))) return err("bad-key");
  return ok(point(xHex, yHex));
}

/** Points that were found lately. A message's keys are looked at several times on its way, and solving takes some 50 µs. */
const solved = new Map<CompressedKey, PublicKey>();
const MAX_SOLVED = 1024;

/** Finds y and checks that there is one. */
export function decompress(key: CompressedKey): Result<PublicKey, KeyError> {
  const known = solved.get(key);
  if (known !== undefined) return ok(known);
  if (!isCompressedKey(key)) return err("bad-key");
  const xHex = key.slice(2);
  const y = solveY(BigInt(`0x${xHex}`), key.startsWith("03"));
  if (y === undefined) return err("bad-key");
  const found = point(xHex, y.toString(16).padStart(64, "0"));
  if (solved.size >= MAX_SOLVED) solved.clear();
  solved.set(key, found);
  return ok(found);
}

function point(xHex: string, yHex: string): PublicKey {
  const y = fromHex(yHex);
  const odd = ((y[31] as number) & 1) === 1;
  const compressed = `${odd ? "03" : "02"}${xHex}`;
  return { x: fromHex(xHex), y, compressed } as PublicKey;
}

/** COSE_Key with a compressed point (RFC 9053 §7.1.1): 42 bytes. */
export const coseKey: Schema<CompressedKey> = mapped(
  map({ kty: [1, literal(2)], crv: [-1, literal(1)], x: [-2, hex(32)], odd: [-3, bool()] }),
  ({ x, odd }) => {
    const key = `${odd ? "03" : "02"}${x}`;
    return isCompressedKey(key) ? key : undefined;
  },
  (key) => ({ kty: 2, crv: 1, x: key.slice(2), odd: key.startsWith("03") }) as const,
);

/** The `cnf` claim's value with a COSE_Key in it (RFC 8747 §3.2). */
export const confirmation: Schema<CompressedKey> = mapped(
  map({ key: [1, coseKey] }),
  ({ key }) => key,
  (key) => ({ key }),
);
