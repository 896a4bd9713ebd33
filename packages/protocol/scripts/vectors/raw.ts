import { decode as cborDecode, encode as cborEncode, rfc8949EncodeOptions } from "cborg";
import { concatBytes, fromHex, toBeSigned, type Context, type KeyId } from "../../src/index.ts";
import type { Actor } from "./actor.ts";

// CBOR by hand and by another implementation: what must be refused, our own encoder cannot write.

/** Bytes of hex with spaces between items. */
export function hex(text: string): Uint8Array {
  return fromHex(text.replaceAll(" ", ""));
}

export function encodeAny(value: unknown): Uint8Array {
  return cborEncode(value, rfc8949EncodeOptions);
}

export function decodeMap(bytes: Uint8Array): Map<number, unknown> {
  return cborDecode(bytes, { useMaps: true }) as Map<number, unknown>;
}

/** A byte string with its shortest head. */
export function bstr(bytes: Uint8Array): Uint8Array {
  return encodeAny(bytes);
}

/** The four parts of a COSE_Sign1, each already encoded; a change replaces one. */
export type Parts = {
  readonly array: Uint8Array;
  readonly header: Uint8Array;
  readonly envelope: Uint8Array;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
};

export function joined({ array, header, envelope, payload, signature }: Parts): Uint8Array {
  return concatBytes(array, header, envelope, payload, signature);
}

/** A properly signed message with any payload bytes and header that our own types would not let through. */
export function signAny(
  what: {
    readonly typ: number;
    readonly kid: KeyId | undefined;
    readonly payload: Uint8Array;
  },
  context: Context,
  signer: Actor,
): Parts {
  const { typ, kid, payload } = what;
  const signed = toBeSigned({ typ, ...(kid === undefined ? {} : { kid }), ...context, payload });
  const header = new Map<number, unknown>([[1, -9]]);
  if (kid !== undefined) header.set(4, fromHex(kid));
  header.set(16, typ);
  return {
    array: Uint8Array.of(0x84),
    header: bstr(encodeAny(header)),
    envelope: Uint8Array.of(0xa0),
    payload: bstr(payload),
    signature: bstr(signer.sign(signed)),
  };
}
