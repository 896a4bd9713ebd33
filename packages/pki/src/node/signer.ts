import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign as nodeSign,
  type KeyObject,
} from "node:crypto";
import {
  normaliseS,
  publicKey,
  unwrap,
  type PublicKey,
  type Signer,
  type SyncSigner,
} from "@bezant/protocol";

/** A new P-256 private key from the machine's randomness. */
export function generatePrivateKey(): KeyObject {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
}

/** A private key from PKCS #8 DER. Anything else, also another curve, is a bug of the caller and throws. */
export function importPrivateKey(pkcs8: Uint8Array): KeyObject {
  const key = createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" });
  if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1") throw new TypeError("not a P-256 key");
  return key;
}

export function exportPrivateKey(key: KeyObject): Uint8Array {
  return new Uint8Array(key.export({ format: "der", type: "pkcs8" }));
}

export function publicKeyOf(privateKey: KeyObject): PublicKey {
  const { x, y } = createPublicKey(privateKey).export({ format: "jwk" });
  if (x === undefined || y === undefined) throw new TypeError("not an elliptic curve key");
  return unwrap(publicKey(fromBase64url(x), fromBase64url(y)));
}

/** Signs on the calling thread: some 30 µs. */
export function nodeSigner(privateKey: KeyObject): SyncSigner {
  return {
    publicKey: publicKeyOf(privateKey),
    sign: (message) =>
      normaliseS(nodeSign("sha256", message, { key: privateKey, dsaEncoding: "ieee-p1363" })),
  };
}

/** Signs on libuv's pool, so that a server's event loop goes on. */
export function asyncNodeSigner(privateKey: KeyObject): Signer {
  return {
    publicKey: publicKeyOf(privateKey),
    sign: (message) =>
      new Promise((resolve, reject) => {
        const key = { key: privateKey, dsaEncoding: "ieee-p1363" } as const;
        nodeSign("sha256", message, key, (error, signature) => {
          if (error === null) resolve(normaliseS(signature));
          else reject(error);
        });
      }),
  };
}

function fromBase64url(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64url"));
}
