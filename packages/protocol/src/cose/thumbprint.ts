import { bytes, encode, literal, map, tuple } from "../cbor/index.ts";
import { sha256 } from "../crypto.ts";
import { field } from "../fields.ts";
import {
  deviceIdFromBytes,
  keyIdFromBytes,
  taIdFromBytes,
  walletIdFromBytes,
  type DeviceId,
  type KeyId,
  type ProviderId,
  type TaId,
  type WalletId,
} from "../ids.ts";
import type { PublicKey } from "./key.ts";

const thumbprintInput = map({
  kty: [1, literal(2)],
  crv: [-1, literal(1)],
  x: [-2, bytes(32)],
  y: [-3, bytes(32)],
});

/**
 * SHA-256 thumbprint of a key (RFC 9679 §3). Its input holds y in full even where the key travels compressed
 * (RFC 9679 §4.2), which is why this takes a `PublicKey`.
 */
export function thumbprint({ x, y }: PublicKey): Uint8Array {
  return sha256(encode(thumbprintInput, { kty: 2, crv: 1, x, y }));
}

/** What headers carry to find a key: the first 8 bytes of its thumbprint. */
export function keyIdOf(key: PublicKey): KeyId {
  return keyIdFromBytes(thumbprint(key).subarray(0, 8));
}

/** The id of the TA whose verification key this is. */
export function taIdOf(key: PublicKey): TaId {
  return taIdFromBytes(thumbprint(key));
}

/** The id of the device whose verification key this is. */
export function deviceIdOf(key: PublicKey): DeviceId {
  return deviceIdFromBytes(thumbprint(key));
}

const walletIdInput = tuple(literal("bezant wallet"), field.institutionId, bytes(32));

/**
 * The id that a wallet's key has at a provider. At another provider the same key has another id, so one payment can
 * never be claimed at both; and the input is an array where a thumbprint's is a map, so no TA has this id.
 */
export function walletIdOf(provider: ProviderId, key: PublicKey): WalletId {
  return walletIdFromBytes(
    sha256(encode(walletIdInput, ["bezant wallet", provider, thumbprint(key)])),
  );
}
