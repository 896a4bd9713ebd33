import { hash } from "node:crypto";
import { KeyObjects, nodeVerifier } from "@bezant/pki/node";
import {
  fromHex,
  toHex,
  type CompressedKey,
  type Signer,
  type SyncSigner,
  type Verifier,
} from "@bezant/protocol";
import {
  makePrivateKey,
  nodeCryptography,
  type Random,
  type SignerFactory,
  type TaCryptography,
} from "@bezant/tee";
import { deterministicSigner } from "@bezant/tee/simulation";

/** `real`: ECDSA with RFC 6979's nonces. `stub`: a hash that anybody could make, of the same form. */
export type SignatureMode = "real" | "stub";

/** The cryptography of a whole simulated network: the same bytes in every run. */
export type SimulatedCryptography = {
  readonly mode: SignatureMode;
  readonly signer: SignerFactory;
  readonly verifier: Verifier;
  readonly ta: TaCryptography;
  readonly newSigner: (random: Random) => SyncSigner;
};

export function simulatedCryptography(mode: SignatureMode): SimulatedCryptography {
  const real = nodeCryptography();
  const factory = mode === "real" ? deterministicSigner : stubSigner;
  // A device that starts again makes its signers again, which costs a point multiplication each.
  const signer = remembered(factory, toHex);
  const verifier = mode === "real" ? nodeVerifier(new KeyObjects(4096)) : stubVerifier;
  const expand = remembered(real.expand, toHex);
  return {
    mode,
    signer,
    verifier,
    ta: { ...real, signer, verifier, expand },
    newSigner: (random) => signer(makePrivateKey(random)),
  };
}

/** The same signer for what takes an asynchronous one. */
export function asynchronous({ publicKey, sign }: SyncSigner): Signer {
  return { publicKey, sign: (message) => Promise.resolve(sign(message)) };
}

/** A key on the curve, whose signatures prove nothing to anybody who knows this file. */
const stubSigner: SignerFactory = (privateKey) => {
  const { publicKey } = deterministicSigner(privateKey);
  return { publicKey, sign: (message) => stubSignature(publicKey.compressed, message) };
};

const stubVerifier: Verifier = {
  verify: ({ key, message, signature }) =>
    Buffer.compare(stubSignature(key, message), signature) === 0,
};

/** r || s in range, s low: SHA-512 over key and message with the first bits of both cleared. */
function stubSignature(key: CompressedKey, message: Uint8Array): Uint8Array {
  const signature = hash("sha512", Buffer.concat([fromHex(key), message]), "buffer");
  signature[0] = (signature[0] ?? 0) & 0x7f;
  signature[32] = (signature[32] ?? 0) & 0x3f;
  return new Uint8Array(signature);
}

const REMEMBERED = 4096;

function remembered<K, V>(make: (key: K) => V, name: (key: K) => string): (key: K) => V {
  const known = new Map<string, V>();
  return (key) => {
    const at = name(key);
    if (known.has(at)) return known.get(at) as V;
    if (known.size >= REMEMBERED) known.clear();
    const made = make(key);
    known.set(at, made);
    return made;
  };
}
