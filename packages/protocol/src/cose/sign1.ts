import {
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
import { encodeUtf8 } from "../cbor/utf8.ts";
import { field } from "../fields.ts";
import { fromHex } from "../hex.ts";
import {
  isInstitutionId,
  type Currency,
  type InstitutionId,
  type KeyId,
  type PartyId,
} from "../ids.ts";
import { err, ok, type Result } from "../result.ts";
import { checkSignature } from "./signature.ts";

/** ESP256: ECDSA on P-256 with SHA-256, fully specified (RFC 9864 §2.1). The only algorithm there is so far. */
export const ESP256 = -9;
/** Part of everything signed; another version of the protocol signs other bytes. */
export const PROTOCOL_VERSION = 1;

export const MAX_MESSAGE = 2048;
export const MAX_CERTIFICATE = 256;

// A number, and so a CoAP content format (RFC 9596 §2), among those for experiments (RFC 7252 §12.3).
const typSchema = uint(65_535, 65_000);

// Header labels: alg 1, kid 4 (RFC 9052 §3.1), typ 16 (RFC 9596), kcwt 13 (RFC 9528); -65537 is private use.
const protectedHeader = bstrOf(
  map({
    alg: [1, int(-0x1_0000_0000, 0xffff_ffff)],
    kid: [4, optional(field.keyId)],
    typ: [16, typSchema],
  }),
);
const certificate = raw(MAX_CERTIFICATE);
const unprotectedHeader = map({
  kcwt: [13, optional(certificate)],
  chain: [-65_537, optional(tuple(certificate, certificate))],
});
const payloadSchema = bytes(0, MAX_MESSAGE);

/** COSE_Sign1 without its tag (RFC 9052 §4.2). */
const sign1 = tuple(protectedHeader, unprotectedHeader, payloadSchema, field.signature);

/** Who signs what for whom; as external_aad it is signed without being sent. */
const binding = tuple(
  literal("bezant"),
  literal(PROTOCOL_VERSION),
  typSchema,
  text<Currency | "">(3, /^(?:[A-Z]{3})?$/),
  text<InstitutionId | "">(8, /^[a-z0-9-]*$/),
  bytes(1, 32),
  bytes(0, 32),
);

/** Sig_structure (RFC 9052 §4.4). */
const sigStructure = tuple(literal("Signature1"), protectedHeader, bstrOf(binding), payloadSchema);

type Header = { readonly typ: number; readonly kid?: KeyId };

export type ToBeSigned = Header & {
  /** Empty for what belongs to no currency. */
  readonly currency: Currency | "";
  /** The provider under which a TA or wallet signs; empty for all other signers. */
  readonly home: InstitutionId | "";
  readonly signer: PartyId;
  /** The only party that may rely on the message; empty where anybody may. */
  readonly audience: PartyId | "";
  readonly payload: Uint8Array;
};

/** The bytes that the signature covers. The same call serves the signer and the verifier. */
export function toBeSigned(parts: ToBeSigned): Uint8Array {
  const { typ, currency, home, signer, audience, payload } = parts;
  return encode(sigStructure, [
    "Signature1",
    header(parts),
    ["bezant", PROTOCOL_VERSION, typ, currency, home, partyToBytes(signer), partyToBytes(audience)],
    payload,
  ]);
}

/** 32 bytes for a TA, wallet or device, the UTF-8 bytes of an institution's id. */
function partyToBytes(id: PartyId | ""): Uint8Array {
  if (id.length === 64) return fromHex(id);
  if (id !== "" && !isInstitutionId(id)) throw new RangeError(`not a party: ${id}`);
  return encodeUtf8(id);
}

/** What a COSE_Sign1 holds. `kcwt` and `chain` are not signed: they prove nothing by being here. */
export type Sign1 = Header & {
  /** The signer's certificate, encoded. */
  readonly kcwt?: Uint8Array;
  /** The certificates of the provider and of its intermediary, encoded. */
  readonly chain?: readonly [provider: Uint8Array, intermediary: Uint8Array];
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
};

/** The COSE_Sign1 of these parts. A signature that is malformed or not low-s is a bug and throws. */
export function assemble(parts: Sign1): Uint8Array {
  const { payload, signature } = parts;
  const error = checkSignature(signature);
  if (error !== undefined) throw new TypeError(error);
  const message = encode(sign1, [header(parts), parts, payload, signature]);
  if (message.length > MAX_MESSAGE) throw new TypeError(`a message of ${message.length} bytes`);
  return message;
}

export type Sign1Error =
  | { readonly code: CodecErrorCode; readonly offset: number }
  | { readonly code: "wrong-type" | "unsupported-algorithm" };

/**
 * Reads a COSE_Sign1 of this `typ` whose form is right: deterministic, of this type, ESP256. It verifies nothing:
 * that the signature is in range and low-s belongs to verifying it, too (`checkSignature`).
 * The protected header is not kept as bytes: only one encoding of it is accepted, the one that `toBeSigned` writes.
 */
export function parseSign1(message: Uint8Array, expectedTyp: number): Result<Sign1, Sign1Error> {
  if (message.length > MAX_MESSAGE) return err({ code: "too-large", offset: MAX_MESSAGE });
  const decoded = decode(sign1, message);
  if (!decoded.ok) return decoded;
  const [{ alg, ...named }, envelope, payload, signature] = decoded.value;
  if (named.typ !== expectedTyp) return err({ code: "wrong-type" });
  if (alg !== ESP256) return err({ code: "unsupported-algorithm" });
  return ok({ ...named, ...envelope, payload, signature });
}

/** The `typ` of a message, for whoever takes several kinds; says nothing about the rest. */
export function typOf(message: Uint8Array): number | undefined {
  const decoded = decode(sign1, message);
  return decoded.ok ? decoded.value[0].typ : undefined;
}

/** The same signed message in another envelope. Verifies nothing. */
export function replaceEnvelope(
  message: Uint8Array,
  envelope: Pick<Sign1, "kcwt" | "chain">,
): Result<Uint8Array, Sign1Error> {
  const decoded = decode(sign1, message);
  if (!decoded.ok) return decoded;
  const [named, , payload, signature] = decoded.value;
  return ok(encode(sign1, [named, envelope, payload, signature]));
}

function header({ typ, kid }: Header): Header & { readonly alg: number } {
  return kid === undefined ? { alg: ESP256, typ } : { alg: ESP256, kid, typ };
}
