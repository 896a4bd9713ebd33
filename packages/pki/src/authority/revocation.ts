import {
  err,
  institutionStatus,
  institutionToAnybody,
  ok,
  refusal,
  seconds,
  type InstitutionId,
  type KeyId,
  type Refusal,
  type Result,
  type Seconds,
} from "@bezant/protocol";
import type { Authority } from "./authority.ts";
import { keyIdOfCompressed } from "./uniqueness.ts";

/** All keys of an institution that this authority certified, or one key alone. */
export type Revoked = { readonly id: InstitutionId } | { readonly keyId: KeyId };

/**
 * Takes back an institution, or one of its keys: nothing that the key signed after `since` is believed. The keys are in the next
 * status list. The root may name any key, everybody else those that it certified.
 */
export async function revoke(
  { claims, register }: Authority,
  what: Revoked,
  { since, at }: { readonly since: Seconds; readonly at: Seconds },
): Promise<Result<readonly KeyId[], Refusal<"not-certified">>> {
  const entries = (await register.entries()).map((entry) => entry.claims);
  const own = entries.flatMap((entry) => {
    const keyId = keyIdOfCompressed(entry.key);
    const isMeant = "id" in what ? "sub" in entry && entry.sub === what.id : keyId === what.keyId;
    return isMeant ? [keyId] : [];
  });
  const named = own.length === 0 && "keyId" in what && claims.role === "root" ? [what.keyId] : own;
  const keys = [...new Set(named)];
  if (keys.length === 0) return err(refusal("not-certified"));
  for (const keyId of keys) await register.revoke({ keyId, since, at });
  return ok(keys);
}

/** For this long after its last certificate a revoked key stays on the list: as long as anybody honours it. */
const AFTER_EXPIRY = 30 * 86_400;

/** The next status list of this authority (§16.3): every key that it has taken back and that still matters. */
export async function issueStatus(issuer: Authority, now: Seconds): Promise<Uint8Array> {
  const { claims, signer, register, certificate } = issuer;
  if (!("currency" in claims))
    throw new TypeError("a manufacturer revokes devices, not institutions");
  const ends = new Map<KeyId, number>();
  for (const { claims: issued } of await register.entries()) {
    const keyId = keyIdOfCompressed(issued.key);
    ends.set(keyId, Math.max(ends.get(keyId) ?? 0, issued.exp));
  }
  const since = new Map<KeyId, Seconds>();
  for (const revocation of await register.revocations()) {
    const end = ends.get(revocation.keyId);
    if (end !== undefined && end + AFTER_EXPIRY < now) continue;
    const earlier = since.get(revocation.keyId) ?? revocation.since;
    since.set(revocation.keyId, seconds(Math.min(earlier, revocation.since)));
  }
  const revoked = [...since].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const sequence = await register.nextList(now);
  const context = institutionToAnybody({ currency: claims.currency, institution: claims.sub });
  return institutionStatus.signAsync(
    { sequence, issuedAt: now, revoked },
    context,
    signer,
    claims.role === "root" ? {} : { certificate },
  );
}
