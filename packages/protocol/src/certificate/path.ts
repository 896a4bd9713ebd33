import type { CompressedKey } from "../cose/key.ts";
import { keyIdOf } from "../cose/thumbprint.ts";
import type { SignatureCheck } from "../crypto.ts";
import { refusal, type Refusal } from "../errors.ts";
import type { Currency, InstitutionId, KeyId, Seconds } from "../ids.ts";
import { certificateCheck, type Certificate } from "./certificate.ts";
import type { Role } from "./claims.ts";
import type { RevokedKeys } from "./revoked-keys.ts";
import type { Root } from "./trust-store.ts";

/** Clocks may differ by this much before a certificate counts as not yet valid, in seconds. */
export const CLOCK_SKEW = 300;

/** How strictly time is taken. */
export type TimeRule = {
  readonly now: Seconds;
  /** Seconds after its last one in which each certificate still counts; 0 unless a section says otherwise. */
  readonly grace?: number;
  /** A TA has no trusted clock. */
  readonly ignoreNotBefore?: boolean;
};

/** One certificate of a path, with the roles that may stand in its place. */
export type Link = {
  readonly certificate: Certificate;
  readonly roles: readonly Role[];
  /** The key id of its key, where it is to have issued another. */
  readonly keyId?: KeyId;
};

/** What a path has to end in. Without a root nothing can be traced to it. */
export type Anchor = {
  readonly root: Root | undefined;
  readonly rootKid: KeyId | undefined;
  /** Undefined in the OEM chain. */
  readonly currency: Currency | undefined;
  readonly revoked?: RevokedKeys;
};

export type PathRefusal = Refusal<
  | "wrong-role"
  | "wrong-currency"
  | "unknown-issuer"
  | "wrong-validity"
  | "not-yet-valid"
  | "expired"
  | "issuer-revoked"
>;

/** The path from a leaf up to the root's own issue. */
export type Path = readonly Link[];

/** Rules 2 to 5 of CertVerify (§4.3) and revocation (§16.3), in that order: the first refusal, or undefined if all of them hold. */
export function checkPath(path: Path, anchor: Anchor, time: TimeRule): PathRefusal | undefined {
  return (
    checkRoles(path) ??
    checkCurrencies(path, anchor) ??
    checkIssuers(path, anchor) ??
    checkNesting(path) ??
    checkTime(path, time) ??
    checkRevoked(path, anchor)
  );
}

/** Roles are exactly those expected. */
function checkRoles(path: Path): PathRefusal | undefined {
  for (const { certificate, roles } of path) {
    if (!roles.includes(certificate.claims.role)) return refusal("wrong-role");
  }
  return undefined;
}

/** Every currency is the expected one. */
function checkCurrencies(path: Path, { currency }: Anchor): PathRefusal | undefined {
  for (const { certificate } of path) {
    const { claims } = certificate;
    const own = "currency" in claims ? claims.currency : undefined;
    if (own !== currency) return refusal("wrong-currency");
  }
  return undefined;
}

/** Each `iss` is the next one's `sub`, each `kid` the key id of the next one's key; the last ones are the root's. */
function checkIssuers(path: Path, anchor: Anchor): PathRefusal | undefined {
  for (let i = 0; i < path.length; i++) {
    const { claims, kid } = (path[i] as Link).certificate;
    const issuer = issuerAt(path, i, anchor);
    if (issuer === undefined || kid !== issuer.keyId) return refusal("unknown-issuer");
    if (issuer.id !== undefined && claims.iss !== issuer.id) return refusal("unknown-issuer");
  }
  return undefined;
}

/** Each validity lies within its issuer's. The root's own is not known: only its key is pinned. */
function checkNesting(path: Path): PathRefusal | undefined {
  for (let i = 0; i + 1 < path.length; i++) {
    const { nbf, exp } = (path[i] as Link).certificate.claims;
    const issuer = (path[i + 1] as Link).certificate.claims;
    if (nbf < issuer.nbf || exp > issuer.exp) return refusal("wrong-validity");
  }
  return undefined;
}

/** Each is valid now. */
function checkTime(path: Path, time: TimeRule): PathRefusal | undefined {
  const { now, grace = 0, ignoreNotBefore = false } = time;
  for (const { certificate } of path) {
    const { nbf, exp } = certificate.claims;
    if (!ignoreNotBefore && nbf > now + CLOCK_SKEW) return refusal("not-yet-valid");
    if (now > exp + grace) return refusal("expired");
  }
  return undefined;
}

/** What a revoked key signed with `nbf` after its time is not believed. */
function checkRevoked(path: Path, { revoked }: Anchor): PathRefusal | undefined {
  if (revoked === undefined) return undefined;
  for (let i = 0; i + 1 < path.length; i++) {
    const { claims, kid } = (path[i] as Link).certificate;
    const since = revoked.since(kid, (path[i + 1] as Link).certificate.claims.iss);
    if (since !== undefined && claims.nbf > since) return refusal("issuer-revoked");
  }
  return undefined;
}

/** Whoever signs a message says no time at which it did so: once its key is revoked it is believed nothing. */
export function checkSigner(
  { claims, key }: Certificate,
  { revoked }: { readonly revoked: RevokedKeys },
): Refusal<"issuer-revoked"> | undefined {
  const since = revoked.since(keyIdOf(key), claims.iss);
  return since === undefined ? undefined : refusal("issuer-revoked");
}

/** Rule 6: every signature verifies, each by the key of the next one. */
export function pathSignatures(path: Path, root: Root): SignatureCheck[] {
  return path.map(({ certificate }, i) => {
    const key: CompressedKey = path[i + 1]?.certificate.claims.key ?? root.key.compressed;
    return certificateCheck(certificate, key);
  });
}

type Issuer = { readonly id: InstitutionId | undefined; readonly keyId: KeyId | undefined };

function issuerAt(path: Path, i: number, { root, rootKid }: Anchor): Issuer | undefined {
  const next = path[i + 1];
  if (next === undefined) return root === undefined ? undefined : { id: root.id, keyId: rootKid };
  const { claims } = next.certificate;
  return "sub" in claims ? { id: claims.sub, keyId: next.keyId } : undefined;
}
