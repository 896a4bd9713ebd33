import { ECDH, hash } from "node:crypto";
import { KeyObjects, nodeVerifier } from "@bezant/pki/node";
import { toHex, type Verifier } from "@bezant/protocol";
import {
  makePrivateKey,
  nodeSignerFactory,
  type Random,
  type SignerFactory,
} from "../crypto/private-key.ts";

/** The cryptography that a TA asks of its trusted OS. */
export type TaCryptography = {
  readonly digest: (data: Uint8Array) => Uint8Array;
  /** A new private key, 32 bytes. */
  readonly makePrivateKey: (random: Random) => Uint8Array;
  readonly signer: SignerFactory;
  readonly verifier: Verifier;
  /** x || y of a compressed point, or undefined where it is no point of the curve. */
  readonly expand: (compressed: Uint8Array) => Uint8Array | undefined;
};

/** A device meets few keys: its provider's, and its counterparties'. 256 imported ones are some 1.5 MB. */
const KNOWN_KEYS = 256;

/** In node:crypto. */
export function nodeCryptography(): TaCryptography {
  return {
    digest: (data) => hash("sha256", data, "buffer"),
    makePrivateKey,
    signer: nodeSignerFactory,
    verifier: nodeVerifier(new KeyObjects(KNOWN_KEYS)),
    expand: expandKnown(),
  };
}

/** Solving for y costs as much as a signature, and a payment asks four times, for few keys. */
function expandKnown(): TaCryptography["expand"] {
  const known = new Map<string, Uint8Array>();
  return (compressed) => {
    const key = toHex(compressed);
    const found = known.get(key);
    if (found !== undefined) return found;
    const expanded = expandPoint(compressed);
    if (expanded === undefined) return undefined;
    if (known.size >= KNOWN_KEYS) known.clear();
    known.set(key, expanded);
    return expanded;
  };
}

function expandPoint(compressed: Uint8Array): Uint8Array | undefined {
  if (compressed.length !== 33) return undefined;
  try {
    const point = ECDH.convertKey(compressed, "prime256v1", undefined, undefined, "uncompressed");
    return new Uint8Array(point as Buffer).subarray(1);
  } catch {
    return undefined;
  }
}
