import {
  bytes,
  certificate,
  certificateContext,
  concatBytes,
  encode,
  field,
  fromHex,
  literal,
  ok,
  MAX_CERTIFICATE,
  toHex,
  tuple,
  type Chain,
  type Claims,
  type CompressedKey,
  type Currency,
  type InstitutionClaims,
  type KeyId,
  type Parsed,
  type ProviderId,
  type Result,
  type Role,
  type SignatureCheck,
} from "@bezant/protocol";
import type { TaRefusal } from "../commands.ts";
import type { TeeInternalApi } from "../internal-api.ts";
import type { Id } from "../outcomes/index.ts";
import { refuse } from "./reply.ts";
import type { TaState } from "./state.ts";

/** A certificate as read; who signed it nobody has looked at yet. */
export interface Seen {
  readonly bytes: Uint8Array;
  readonly claims: Claims;
  /** Hint for the issuer's key. */
  readonly kid: KeyId;
  /** Of the subject's key, in hex. */
  readonly thumbprint: string;
  readonly parsed: Parsed<Claims>;
}

export interface Issuer {
  readonly id: ProviderId;
  readonly key: CompressedKey;
  readonly kid: KeyId;
  /** The last second of its certificate. */
  readonly exp: number;
}

/** Step 1 of CertVerify (§4.3) for one certificate. */
export function readCertificate(api: TeeInternalApi, encoded: Uint8Array): Result<Seen, TaRefusal> {
  if (encoded.length > MAX_CERTIFICATE) return refuse("malformed");
  const parsed = certificate.parse(encoded);
  if (!parsed.ok) return refuse(parsed.error.code);
  const { payload: claims, kid, certificate: kcwt, chain } = parsed.value;
  // The TA was measured before there was this role, and never meets it (§4.1).
  if (claims.role === "central-bank") return refuse("malformed");
  if (kid === undefined || kcwt !== undefined || chain !== undefined) return refuse("malformed");
  const thumbprint = thumbprintOf(api, claims.key);
  if (thumbprint === undefined) return refuse("bad-key");
  return ok({ bytes: encoded, claims, kid, thumbprint, parsed: parsed.value });
}

/** RFC 9679 over the key with its y in full, which only a point of the curve has. */
export function thumbprintOf(api: TeeInternalApi, key: CompressedKey): string | undefined {
  const point = api.expand(fromHex(key));
  return point === undefined ? undefined : thumbprintOfPoint(api, point);
}

export function thumbprintOfPoint(api: TeeInternalApi, point: Uint8Array): string {
  // The deterministic encoding of {1: 2, -1: 1, -2: x, -3: y}, between its two strings.
  const [head, middle] = [fromHex("a40102200121" + "5820"), fromHex("22" + "5820")];
  return toHex(
    api.digest(concatBytes(head, point.subarray(0, 32), middle, point.subarray(32, 64))),
  );
}

const walletIdInput = tuple(literal("bezant wallet"), field.institutionId, bytes(32));

/** Who a payee or payer is: a TA by its key, a wallet by its key and provider (§2.4). */
export function partyId(api: TeeInternalApi, { claims, thumbprint }: Seen): Id {
  const { role, iss } = claims;
  return role === "wallet" ? walletIdOf(api, iss, thumbprint) : thumbprint;
}

export function walletIdOf(api: TeeInternalApi, provider: ProviderId, thumbprint: string): Id {
  const input = encode(walletIdInput, ["bezant wallet", provider, fromHex(thumbprint)]);
  return toHex(api.digest(input));
}

export function verifies(api: TeeInternalApi, check: SignatureCheck): boolean {
  return api.verify(fromHex(check.key), check.message, check.signature);
}

/** One certificate of a path, leaf first, with what it has to be. */
interface Link {
  readonly seen: Seen;
  readonly roles: readonly Role[];
}

interface PathInput {
  readonly state: Pick<TaState, "anchor" | "revokedKeys">;
  readonly currency: Currency | undefined;
  readonly now: number;
  /** Seconds for which a certificate still counts after its last one; 0 unless a command says otherwise. */
  readonly grace?: number;
  readonly chain: Chain;
  /** Names the key of the provider: that of the leaf, or of a message where there is no leaf. */
  readonly kid: KeyId;
  readonly leaf?: Link;
}

/**
 * CertVerify (§4.3) from step 2 on for the leaf, from step 1 on for its chain, in the order of the steps; without `nbf`,
 * as a TA has no clock, and without the root's id, which it does not know.
 */
export function certVerify(api: TeeInternalApi, input: PathInput): Result<Issuer, TaRefusal> {
  const { state, currency, now, grace = 0, chain, kid, leaf } = input;
  const { anchor } = state;
  const provider = readCertificate(api, chain[0]);
  if (!provider.ok) return provider;
  const intermediary = readCertificate(api, chain[1]);
  if (!intermediary.ok) return intermediary;
  const path: readonly Link[] = [
    ...(leaf === undefined ? [] : [leaf]),
    { seen: provider.value, roles: ["provider"] },
    { seen: intermediary.value, roles: ["intermediary"] },
  ];
  const certificates = path.map(({ seen }) => seen);
  if (path.some(({ seen, roles }) => !roles.includes(seen.claims.role))) {
    return refuse("wrong-role");
  }
  if (certificates.some(({ claims }) => currencyOf(claims) !== currency)) {
    return refuse("wrong-currency");
  }
  const anchorKid = keyIdOf(thumbprintOf(api, anchor));
  if (kid !== keyIdOf(provider.value.thumbprint) || !areIssued(certificates, anchorKid)) {
    return refuse("unknown-issuer");
  }
  if (!areNested(certificates)) return refuse("wrong-validity");
  if (certificates.some(({ claims }) => now > claims.exp + grace)) return refuse("expired");
  if (certificates.some((seen) => isByRevokedKey(state, seen))) return refuse("issuer-revoked");
  const keys = [...certificates.slice(1).map(({ claims }) => claims.key), anchor];
  const areSigned = certificates.every((seen, i) =>
    isSignedBy(api, seen, keys[i] as CompressedKey),
  );
  if (!areSigned) return refuse("bad-signature");
  const { sub, key, exp } = provider.value.claims as InstitutionClaims;
  return ok({ id: sub, key, kid, exp });
}

/** Whether the key that certified this is revoked since before it did so. */
function isByRevokedKey(state: Pick<TaState, "revokedKeys">, { kid, claims }: Seen): boolean {
  return isRevokedKey(state, kid, claims.nbf);
}

/** Whether what this key signed at this time is not believed any more. */
export function isRevokedKey(
  { revokedKeys }: Pick<TaState, "revokedKeys">,
  kid: KeyId | undefined,
  signedAt = Number.POSITIVE_INFINITY,
): boolean {
  const pin = revokedKeys.find((revoked) => revoked.kid === kid);
  return pin !== undefined && signedAt > pin.since;
}

/** The stored key of the home provider, if a message or certificate names it and its certificate has not ended. */
export function storedIssuer(
  { home, providerKey: key, providerKid, providerExp: exp }: TaState,
  kid: KeyId | undefined,
  { now, grace }: { readonly now: number; readonly grace: number },
): Issuer | undefined {
  return kid === providerKid && now <= exp + grace ? { id: home, key, kid, exp } : undefined;
}

/** Whether each `iss` and `kid` are the next one's `sub` and key id; of the last, `kid` is the anchor's. */
function areIssued(certificates: readonly Seen[], anchorKid: KeyId | undefined): boolean {
  return certificates.every(({ claims, kid }, i) => {
    const next = certificates[i + 1];
    if (next === undefined) return kid === anchorKid;
    return claims.iss === subjectOf(next) && kid === keyIdOf(next.thumbprint);
  });
}

/** Whether each validity lies within its issuer's. */
function areNested(certificates: readonly Seen[]): boolean {
  return certificates.every(({ claims }, i) => {
    const issuer = certificates[i + 1]?.claims;
    return issuer === undefined || (claims.nbf >= issuer.nbf && claims.exp <= issuer.exp);
  });
}

/** The other side's certificate: under the home provider's known key, or with its chain attached. Gives its issuer. */
export function verifyPeer(
  api: TeeInternalApi,
  state: TaState,
  leaf: Link,
  at: { readonly chain: Chain | undefined; readonly now: number; readonly grace: number },
): Result<Issuer, TaRefusal> {
  const { claims, kid } = leaf.seen;
  const { chain, now, grace } = at;
  const { currency, home } = state;
  const stored = claims.iss === home ? storedIssuer(state, kid, at) : undefined;
  if (stored !== undefined) {
    if (!isSignedBy(api, leaf.seen, stored.key)) return refuse("bad-signature");
    if (now > claims.exp + grace) return refuse("expired");
    return isByRevokedKey(state, leaf.seen) ? refuse("issuer-revoked") : ok(stored);
  }
  if (chain === undefined) return refuse("unknown-issuer");
  return certVerify(api, { state, currency, now, grace, chain, kid, leaf });
}

function isSignedBy(api: TeeInternalApi, { claims, parsed }: Seen, key: CompressedKey): boolean {
  return verifies(api, certificate.signatureCheck(parsed, certificateContext(claims), key));
}

export function currencyOf(claims: Claims): Currency | undefined {
  return "currency" in claims ? claims.currency : undefined;
}

function keyIdOf(thumbprint: string | undefined): KeyId | undefined {
  return thumbprint?.slice(0, 16) as KeyId | undefined;
}

function subjectOf({ claims }: Seen): string | undefined {
  return "sub" in claims ? claims.sub : undefined;
}
