import { p256 } from "@noble/curves/nist.js";
import {
  keyIdOf,
  publicKey,
  sha256,
  taIdOf,
  thumbprint,
  toHex,
  unwrap,
  walletIdOf,
  deviceIdOf,
  type DeviceId,
  type KeyId,
  type ProviderId,
  type PublicKey,
  type SyncSigner,
  type TaId,
  type WalletId,
} from "../../src/index.ts";

/** Somebody with a key that follows from their name, and signatures that follow from the message (RFC 6979). */
export type Actor = SyncSigner & {
  readonly name: string;
  readonly secret: Uint8Array;
  readonly keyId: KeyId;
  readonly thumbprint: string;
  readonly taId: TaId;
  readonly deviceId: DeviceId;
  readonly walletIdAt: (provider: ProviderId) => WalletId;
};

const actors = new Map<string, Actor>();

export function actor(name: string): Actor {
  const known = actors.get(name) ?? makeActor(name);
  actors.set(name, known);
  return known;
}

function makeActor(name: string): Actor {
  // Below the group's order with all but certainty, and checked by the library.
  const secret = sha256(new TextEncoder().encode(`bezant vectors: ${name}`));
  const point = p256.getPublicKey(secret, false);
  const key: PublicKey = unwrap(publicKey(point.slice(1, 33), point.slice(33)));
  return {
    name,
    secret,
    publicKey: key,
    keyId: keyIdOf(key),
    thumbprint: toHex(thumbprint(key)),
    taId: taIdOf(key),
    deviceId: deviceIdOf(key),
    walletIdAt: (provider) => walletIdOf(provider, key),
    sign: (message) => p256.sign(message, secret, { prehash: true, lowS: true }),
  };
}
