import type { webcrypto } from "node:crypto";
import { Aes128Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from "@hpke/core";
import { publicKey, unwrap, updateInfo, type PublicKey } from "@bezant/protocol";
import type { RootOfTrust } from "../root-of-trust/root-of-trust.ts";

const suite = new CipherSuite({
  kem: new DhkemP256HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes128Gcm(),
});

export type HpkeKey = webcrypto.CryptoKeyPair;

/** The device's key for HPKE: derived from the hardware-unique key (RFC 9180 §7.1.3), and of no other use. */
export function deviceHpkeKey({ deriveKey }: RootOfTrust): Promise<HpkeKey> {
  return suite.kem.deriveKeyPair(bufferOf(deriveKey("HPKE key pair"))) as Promise<HpkeKey>;
}

export async function publicPartOf({ publicKey: key }: HpkeKey): Promise<PublicKey> {
  const point = new Uint8Array(await suite.kem.serializePublicKey(key));
  return unwrap(publicKey(point.slice(1, 33), point.slice(33)));
}

/** Opens what the manufacturer sealed for this key, or undefined where nothing was, or for something else. */
export async function openSealed(
  recipientKey: HpkeKey,
  sealed: { readonly encapsulated: Uint8Array; readonly ciphertext: Uint8Array },
  parties: Parameters<typeof updateInfo>[0],
): Promise<Uint8Array | undefined> {
  const enc = bufferOf(sealed.encapsulated);
  const info = bufferOf(updateInfo(parties));
  try {
    return new Uint8Array(
      await suite.open({ recipientKey, enc, info }, bufferOf(sealed.ciphertext)),
    );
  } catch {
    // The library throws for a point that is none and for a tag that is wrong: to a device they are the same.
    return undefined;
  }
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return bytes.slice().buffer;
}
