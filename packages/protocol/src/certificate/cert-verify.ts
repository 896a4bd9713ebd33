import type { Brand } from "../brand.ts";
import { keyIdOf } from "../cose/thumbprint.ts";
import type { SignatureCheck } from "../crypto.ts";
import { refusal, type Refusal } from "../errors.ts";
import type { Chain } from "../messages/message.ts";
import type { InstitutionId, KeyId } from "../ids.ts";
import { err, ok, type Result } from "../result.ts";
import { pending, type Pending } from "../verify/checks.ts";
import {
  parseCertificate,
  subjectId,
  type Certificate,
  type CertificateRefusal,
  type IdOf,
} from "./certificate.ts";
import type { Claims, ClaimsOf } from "./claims.ts";
import {
  checkPath,
  checkSigner,
  pathSignatures,
  type Link,
  type Path,
  type PathRefusal,
  type TimeRule,
} from "./path.ts";
import {
  certificateCacheKey,
  type LeafCache,
  type Root,
  type TrustStore,
  type VerifiedChain,
} from "./trust-store.ts";

export { CLOCK_SKEW, type TimeRule } from "./path.ts";

export type LeafRole = "wallet" | "ta" | "device";

/** A leaf certificate that passed CertVerify, with its subject's id. A device has no chain above it. */
export type Certified<R extends LeafRole = LeafRole> = R extends LeafRole
  ? Brand<
      {
        readonly role: R;
        readonly id: IdOf<R>;
        readonly claims: ClaimsOf<R>;
        readonly bytes: Uint8Array;
        readonly certificate: Certificate<ClaimsOf<R>>;
        readonly chain?: VerifiedChain;
      },
      "Certified"
    >
  : never;

export type CertRefusal = CertificateRefusal | PathRefusal;

/** A leaf whose signatures have not been looked at, with what it claims to be, for building further checks. */
export type PendingLeaf<R extends LeafRole> = Pending<Certified<R>> & {
  readonly claimed: { readonly id: IdOf<R>; readonly claims: ClaimsOf<R> };
};

export type CertVerifyInput<R extends "wallet" | "ta"> = TimeRule & {
  readonly certificate: Uint8Array;
  /** Without one the issuer has to be in the trust store already. */
  readonly chain?: Chain | undefined;
  readonly trust: TrustStore;
  readonly roles: readonly R[];
  readonly leaves?: LeafCache | undefined;
};

/**
 * CertVerify (§4.3) of a wallet's or TA's certificate. Every rule but the signatures is decided here; those are in
 * `checks`: none for a leaf in the cache, one under a provider already known, three otherwise.
 */
export function certVerify<R extends "wallet" | "ta">(
  input: CertVerifyInput<R>,
): Result<PendingLeaf<R>, CertRefusal> {
  const { trust, roles, leaves } = input;
  const cacheKey = leaves === undefined ? "" : certificateCacheKey(input.certificate);
  const cached = leaves?.get(cacheKey);
  if (cached?.chain !== undefined) {
    const path = [{ certificate: cached.certificate, roles }, ...verifiedPath(cached.chain)];
    const refused = checkPath(path, trust, input);
    return refused === undefined ? ok(pendingLeaf(cached, [], () => cached)) : err(refused);
  }

  const leaf = parseCertificate(input.certificate);
  if (!leaf.ok) return leaf;
  const link = { certificate: leaf.value, roles };
  const above = pathAbove(leaf.value, input.chain, trust);
  if (!above.ok) return above;
  const { path: upper, verified } = above.value;
  const { currency, rootKid, revoked } = trust;
  // A leaf whose issuer nobody knows is judged alone, and traced to nothing.
  const root = upper.length > 0 ? trust.root : undefined;
  const refused = checkPath([link, ...upper], { root, rootKid, currency, revoked }, input);
  if (refused !== undefined) return err(refused);
  const signed = pathSignatures([link, ...upper], trust.root);
  const checks = verified === undefined ? signed : signed.slice(0, 1);
  const claimed = { id: subjectId(leaf.value), claims: leaf.value.claims };
  return ok(
    pendingLeaf(claimed, checks, () => {
      const chain = verified ?? remember(upper, trust);
      const certified = certifiedLeaf(leaf.value, claimed.id, chain);
      leaves?.set(cacheKey, certified);
      return certified;
    }),
  );
}

/** A chain whose signatures have not been looked at, with what it claims to be, for building further checks. */
export type PendingChain = Pending<VerifiedChain> & {
  readonly claimed: Omit<VerifiedChain, keyof Brand<unknown, "VerifiedChain">>;
};

/** CertVerify of a provider's chain alone; once its checks have passed it is in the trust store. */
export function chainVerify(
  input: TimeRule & {
    readonly chain: Chain;
    readonly trust: TrustStore;
    /** The provider itself is to be believed now, not only what it certified. */
    readonly asSigner?: boolean;
  },
): Result<PendingChain, CertRefusal> {
  const { chain, trust } = input;
  const verified = trust.known(chain);
  const path = verified === undefined ? parsePath(chain) : ok(verifiedPath(verified));
  if (!path.ok) return path;
  const refused = checkPath(path.value, trust, input) ?? signerRefused(path.value[0], input);
  if (refused !== undefined) return err(refused);
  const checks = verified === undefined ? pathSignatures(path.value, trust.root) : [];
  const conclusion = (): VerifiedChain => verified ?? remember(path.value, trust);
  return ok({ ...pending(checks, conclusion), claimed: verified ?? asChain(path.value) });
}

function signerRefused(
  { certificate }: Link,
  { trust, asSigner = false }: { readonly trust: TrustStore; readonly asSigner?: boolean },
): Refusal<"issuer-revoked"> | undefined {
  return asSigner ? checkSigner(certificate, trust) : undefined;
}

/** A verified certificate of the central bank's service. */
export type CentralBank = Brand<
  { readonly id: InstitutionId; readonly certificate: Certificate<ClaimsOf<"central-bank">> },
  "CentralBank"
>;
export type PendingCentralBank = Pending<CentralBank> & {
  readonly claimed: {
    readonly id: InstitutionId;
    readonly claims: ClaimsOf<"central-bank">;
    readonly keyId: KeyId;
  };
};

/** CertVerify of the central bank's service: one certificate, directly under the pinned root (§15.1). */
export function centralBankCertVerify(
  input: TimeRule & { readonly certificate: Uint8Array; readonly trust: TrustStore },
): Result<PendingCentralBank, CertRefusal> {
  const { trust } = input;
  const parsed = parseCertificate(input.certificate);
  if (!parsed.ok) return parsed;
  const path: Path = [{ certificate: parsed.value, roles: ["central-bank"] }];
  const refused = checkPath(path, trust, input) ?? checkSigner(parsed.value, trust);
  if (refused !== undefined) return err(refused);
  const certificate = parsed.value as Certificate<ClaimsOf<"central-bank">>;
  const { claims, key } = certificate;
  const claimed = { id: claims.sub, claims, keyId: keyIdOf(key) };
  const conclusion = (): CentralBank => ({ id: claimed.id, certificate }) as CentralBank;
  return ok({ ...pending(pathSignatures(path, trust.root), conclusion), claimed });
}

/** CertVerify in the OEM chain: a device's certificate directly under one of the pinned OEM roots. */
export function deviceVerify(
  input: TimeRule & { readonly certificate: Uint8Array; readonly roots: readonly Root[] },
): Result<PendingLeaf<"device">, CertRefusal> {
  const device = parseCertificate(input.certificate);
  if (!device.ok) return device;
  const rootKid = device.value.kid;
  const root = input.roots.find(({ key }) => keyIdOf(key) === rootKid);
  const path: Path = [{ certificate: device.value, roles: ["device"] }];
  const refused = checkPath(path, { root, rootKid, currency: undefined }, input);
  if (refused !== undefined) return err(refused);
  if (root === undefined) return err(refusal("unknown-issuer"));
  const claimed = { id: subjectId(device.value), claims: device.value.claims };
  return ok(
    pendingLeaf(claimed, pathSignatures(path, root), () =>
      certifiedLeaf(device.value, claimed.id, undefined),
    ),
  );
}

/** The only place that says a leaf is of role R: `checkPath` has just seen to it. */
function pendingLeaf<R extends LeafRole>(
  { id, claims }: { readonly id: string; readonly claims: Claims },
  checks: readonly SignatureCheck[],
  conclusion: () => Certified,
): PendingLeaf<R> {
  const claimed = { id, claims } as unknown as PendingLeaf<R>["claimed"];
  return { ...pending(checks, () => conclusion() as Certified<R>), claimed };
}

/** The path above a leaf: the attached chain's, or else that of a provider already known, or else nothing. */
function pathAbove(
  leaf: Certificate,
  chain: Chain | undefined,
  trust: TrustStore,
): Result<{ readonly path: Path; readonly verified?: VerifiedChain }, CertRefusal> {
  const verified = chain === undefined ? trust.find(leaf.claims.iss, leaf.kid) : trust.known(chain);
  if (verified !== undefined) return ok({ path: verifiedPath(verified), verified });
  if (chain === undefined) return ok({ path: [] });
  const path = parsePath(chain);
  return path.ok ? ok({ path: path.value }) : path;
}

function parsePath(chain: Chain): Result<readonly [Link, Link], CertRefusal> {
  const provider = parseCertificate(chain[0]);
  if (!provider.ok) return provider;
  const intermediary = parseCertificate(chain[1]);
  if (!intermediary.ok) return intermediary;
  return ok([
    {
      certificate: provider.value,
      roles: ["provider"],
      keyId: keyIdOf(provider.value.key),
    },
    {
      certificate: intermediary.value,
      roles: ["intermediary"],
      keyId: keyIdOf(intermediary.value.key),
    },
  ]);
}

function verifiedPath(chain: VerifiedChain): readonly [Link, Link] {
  return [
    { certificate: chain.provider, roles: ["provider"], keyId: chain.providerKid },
    { certificate: chain.intermediary, roles: ["intermediary"], keyId: chain.intermediaryKid },
  ];
}

/** What a path says that has passed `checkPath`. */
function asChain(path: Path): VerifiedChain {
  const [provider, intermediary] = path as readonly [Link, Link];
  const providerCertificate = provider.certificate as Certificate<ClaimsOf<"provider">>;
  return {
    provider: providerCertificate,
    intermediary: intermediary.certificate as Certificate<ClaimsOf<"intermediary">>,
    providerId: providerCertificate.claims.sub,
    providerKid: provider.keyId,
    intermediaryKid: intermediary.keyId,
  } as VerifiedChain;
}

function remember(path: Path, trust: TrustStore): VerifiedChain {
  const chain = asChain(path);
  trust.remember(chain);
  return chain;
}

function certifiedLeaf(
  certificate: Certificate,
  id: string,
  chain: VerifiedChain | undefined,
): Certified {
  const { claims, bytes } = certificate;
  const known = { role: claims.role, id, claims, bytes, certificate };
  return (chain === undefined ? known : { ...known, chain }) as unknown as Certified;
}
