import {
  decompress,
  keyIdOf,
  refusal,
  unwrap,
  type Claims,
  type CompressedKey,
  type InstitutionId,
  type KeyId,
  type Refusal,
} from "@bezant/protocol";
import type { Register } from "./register.ts";

/** Who asks to be certified, under which key. */
type Subject = {
  readonly role: Claims["role"];
  readonly sub: InstitutionId;
  readonly key: CompressedKey;
};

export function keyIdOfCompressed(key: CompressedKey): KeyId {
  return keyIdOf(unwrap(decompress(key)));
}

/**
 * Ids are unique under an issuer, for ever: the same id again is a renewal for the same key, or else a rollover that the
 * issuer's officers have decided. A key that was revoked is not certified again, for anybody.
 */
export async function refuseSubject(
  register: Register,
  { role, sub, key }: Subject,
  { rollover }: { readonly rollover: boolean },
): Promise<Refusal<"id-taken" | "key-revoked"> | undefined> {
  const keyId = keyIdOfCompressed(key);
  if ((await register.revocations()).some((revoked) => revoked.keyId === keyId)) {
    return refusal("key-revoked", keyId);
  }
  const earlier = (await register.entries())
    .map(({ claims }) => claims)
    .filter((claims) => "sub" in claims && claims.sub === sub);
  if (earlier.some((claims) => claims.role !== role)) {
    return refusal("id-taken", `${sub} is not a ${role}`);
  }
  const isNewKey = earlier.length > 0 && earlier.every((claims) => claims.key !== key);
  if (isNewKey && !rollover) return refusal("id-taken", `${sub} has another key`);
  return undefined;
}
