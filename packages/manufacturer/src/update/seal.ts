import { Aes128Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from "@hpke/core";
import { concatBytes, updateInfo, type PublicKey } from "@bezant/protocol";

const suite = new CipherSuite({
  kem: new DhkemP256HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes128Gcm(),
});

const UNCOMPRESSED = 4;

/** Seals an update for the device whose HPKE key this is, in answer to one report: the protocol's `sealedUpdate`. */
export async function sealUpdate(
  update: Uint8Array,
  { x, y }: PublicKey,
  parties: Parameters<typeof updateInfo>[0],
): Promise<{ readonly encapsulated: Uint8Array; readonly ciphertext: Uint8Array }> {
  const point = concatBytes(Uint8Array.of(UNCOMPRESSED), x, y);
  const recipientPublicKey = await suite.kem.deserializePublicKey(bufferOf(point));
  const info = bufferOf(updateInfo(parties));
  const { enc, ct } = await suite.seal({ recipientPublicKey, info }, bufferOf(update));
  return { encapsulated: new Uint8Array(enc), ciphertext: new Uint8Array(ct) };
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return bytes.slice().buffer;
}
