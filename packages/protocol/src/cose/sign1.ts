import {
  array,
  bstrOf,
  bytes,
  decode,
  encode,
  int,
  literal,
  map,
  optional,
  raw,
  text,
  tuple,
  uint,
  type CodecErrorCode,
} from "../cbor/index.ts";
import { field } from "../fields.ts";
import type { Currency, KeyId } from "../ids.ts";
import { err, ok, type Result } from "../result.ts";
import { checkSignature, SIGNATURE_SIZE, type SignatureError } from "./signature.ts";

/** ESP256: ECDSA on P-256 with SHA-256, fully specified (RFC 9864 §2.1). The only algorithm there is so far. */
export const ESP256 = -9;
/** Part of everything signed; another version of the protocol signs other bytes. */
export const PROTOCOL_VERSION = 1;

export const MAX_PAYLOAD = 0xffff;
export const MAX_CWT = 1024;
export const MAX_CHAIN = 3;

// 65000-65535 are CoAP content formats for experiments (RFC 7252 §12.3), which `typ` may name (RFC 9596 §2).
export const MIN_TYP = 65_000;
export const MAX_TYP = 65_535;

const typ = uint(MAX_TYP, MIN_TYP);

// Header labels: alg 1, kid 4 (RFC 9052 §3.1), typ 16 (RFC 9596), kcwt 13 (RFC 9528); -65537 is private use.
const protectedHeader = bstrOf(
  map({
    alg: [1, int(-0x7fff_ffff, 0x7fff_ffff)],
    kid: [4, optional(field.keyId)],
    typ: [16, typ],
  }),
);
const unprotectedHeader = map({
  kcwt: [13, optional(raw(MAX_CWT))],
  chain: [-65_537, optional(array(raw(MAX_CWT), { min: 1, max: MAX_CHAIN }))],
});

/** COSE_Sign1 without its tag (RFC 9052 §4.2). */
const sign1 = tuple(
  protectedHeader,
  unprotectedHeader,
  bytes(0, MAX_PAYLOAD),
  bytes(SIGNATURE_SIZE),
);

/** Who signs what for whom; as external_aad it is signed without being sent. */
const binding = tuple(
  literal("bezant"),
  literal(PROTOCOL_VERSION),
  typ,
  text<Currency | "">(3, /^(?:[A-Z]{3})?$/),
  bytes(1, 32),
  bytes(0, 32),
);

/** Sig_structure (RFC 9052 §4.4). */
const sigStructure = tuple(
  literal("Signature1"),
  protectedHeader,
  bstrOf(binding),
  bytes(0, MAX_PAYLOAD),
);

export type ToBeSigned = {
  readonly typ: number;
  readonly kid?: KeyId;
  /** Empty for what belongs to no currency. */
  readonly currency: Currency | "";
  /** The signer's id, 1 to 32 bytes. */
  readonly signer: Uint8Array;
  /** The id of the only party that may act on it, up to 32 bytes; empty for anybody. */
  readonly audience: Uint8Array;
  readonly payload: Uint8Array;
};

/** The bytes that the signature covers. The same call serves the signer and the verifier. */
export function toBeSigned(parts: ToBeSigned): Uint8Array {
  const { currency, signer, audience, payload } = parts;
  return encode(sigStructure, [
    "Signature1",
    header(parts),
    ["bezant", PROTOCOL_VERSION, parts.typ, currency, signer, audience],
    payload,
  ]);
}

/** What a COSE_Sign1 holds. */
export type Sign1 = {
  readonly typ: number;
  readonly kid?: KeyId;
  /** The signer's certificate, encoded; unsigned, so it proves nothing by being here. */
  readonly kcwt?: Uint8Array;
  /** The certificates above `kcwt`, encoded, its issuer's first. */
  readonly chain?: readonly Uint8Array[];
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
};

/** The COSE_Sign1 of these parts. A signature that is malformed or not low-s is a bug and throws. */
export function assemble(parts: Sign1): Uint8Array {
  const { kcwt, chain, payload, signature } = parts;
  const error = checkSignature(signature);
  if (error !== undefined) throw new TypeError(error);
  const unprotected = {
    ...(kcwt === undefined ? {} : { kcwt }),
    ...(chain === undefined ? {} : { chain }),
  };
  return encode(sign1, [header(parts), unprotected, payload, signature]);
}

export type Sign1ErrorCode = CodecErrorCode | SignatureError | "unsupported-algorithm";
export type Sign1Error = { readonly code: Sign1ErrorCode; readonly offset: number };

/** Byte at which `alg` stands: after the array's, the protected header's and its map's heads and the key 1. */
const ALG_OFFSET = 4;

/**
 * Reads a COSE_Sign1 whose form is right: deterministic, ESP256, signature in range and low-s. It verifies nothing.
 * The protected header is not kept as bytes: only one encoding of it is accepted, the one `toBeSigned` writes.
 */
export function parseSign1(message: Uint8Array): Result<Sign1, Sign1Error> {
  const decoded = decode(sign1, message);
  if (!decoded.ok) return decoded;
  const [{ alg, ...protectedParts }, unprotectedParts, payload, signature] = decoded.value;
  if (alg !== ESP256) return err({ code: "unsupported-algorithm", offset: ALG_OFFSET });
  const code = checkSignature(signature);
  if (code !== undefined) return err({ code, offset: message.length - SIGNATURE_SIZE });
  return ok({ ...protectedParts, ...unprotectedParts, payload, signature });
}

function header(parts: { readonly typ: number; readonly kid?: KeyId }): {
  readonly alg: number;
  readonly kid?: KeyId;
  readonly typ: number;
} {
  const { kid } = parts;
  return kid === undefined ? { alg: ESP256, typ: parts.typ } : { alg: ESP256, kid, typ: parts.typ };
}
