import {
  certificateCheck,
  parseCertificate,
  verifySignature,
  type Certificate,
  type InstitutionId,
  type KeyId,
  type Verifier,
} from "@bezant/protocol";
import { certificateHash } from "./register.ts";
import { keyIdOfCompressed } from "./uniqueness.ts";

/** What is wrong in the tier below a root, or has to be asked about. */
export type Finding =
  /** Two issuers have certified this id. */
  | {
      readonly kind: "id-certified-twice";
      readonly id: InstitutionId;
      readonly issuers: readonly string[];
    }
  /** One issuer has certified two keys: a rollover that it has to be able to explain. */
  | { readonly kind: "second-key"; readonly id: InstitutionId; readonly keys: readonly KeyId[] }
  /** A certificate that none of the root's intermediaries signed as they should. */
  | { readonly kind: "not-issued"; readonly hash: string }
  /** A certificate that is in use and in no register. */
  | { readonly kind: "not-registered"; readonly hash: string; readonly id: InstitutionId };

export type Compared = {
  /** What the root has certified itself. */
  readonly root: readonly Uint8Array[];
  /** What each intermediary says that it has. */
  readonly registers: readonly Uint8Array[];
  /** Certificates that somebody has met: in a provider's chain, at the central bank. */
  readonly seen: readonly Uint8Array[];
};

/**
 * Compares what intermediaries have certified: nobody else can see that two of them gave one id to two institutions, and each of
 * them has every signature right.
 */
export function compareRegisters(
  { root, registers, seen }: Compared,
  verifier: Verifier,
): Finding[] {
  const issuers = root.flatMap((bytes) => institutionIn(bytes) ?? []);
  const findings: Finding[] = [];
  const known: Institution[] = [];
  const met = new Set<string>();
  const registered = new Set([...root, ...registers].map(certificateHash));
  for (const bytes of [...root, ...registers, ...seen]) {
    const hash = certificateHash(bytes);
    if (met.has(hash)) continue;
    met.add(hash);
    const institution = institutionIn(bytes);
    const isRoots =
      institution !== undefined && issuers.some((one) => certificateHash(one.bytes) === hash);
    if (institution === undefined || !(isRoots || isIssued(institution, issuers, verifier))) {
      findings.push({ kind: "not-issued", hash });
      continue;
    }
    known.push(institution);
    if (!registered.has(hash)) findings.push({ kind: "not-registered", hash, id: institution.id });
  }
  return [...findings, ...compare(known)];
}

type Institution = Certificate & { readonly id: InstitutionId };

/** Undefined for what is no certificate of an institution. */
function institutionIn(bytes: Uint8Array): Institution | undefined {
  const parsed = parseCertificate(bytes);
  if (!parsed.ok || !("sub" in parsed.value.claims)) return undefined;
  return { ...parsed.value, id: parsed.value.claims.sub };
}

/** A provider's certificate, by an intermediary that the root has certified for this currency. */
function isIssued(
  certificate: Institution,
  issuers: readonly Institution[],
  verifier: Verifier,
): boolean {
  const { claims, kid } = certificate;
  if (claims.role !== "provider") return false;
  return issuers.some(({ id, claims: issuer }) => {
    if (issuer.role !== "intermediary" || id !== claims.iss) return false;
    if (issuer.currency !== claims.currency || keyIdOfCompressed(issuer.key) !== kid) return false;
    return verifySignature(certificateCheck(certificate, issuer.key), verifier);
  });
}

function compare(certificates: readonly Institution[]): Finding[] {
  const byId = Map.groupBy(certificates, ({ id }) => id);
  return [...byId].flatMap(([id, all]): Finding[] => {
    const issuers = [...new Set(all.map(({ claims }) => claims.iss))];
    if (issuers.length > 1) return [{ kind: "id-certified-twice", id, issuers }];
    const keys = [...new Set(all.map(({ claims }) => claims.key))].map(keyIdOfCompressed);
    return keys.length > 1 ? [{ kind: "second-key", id, keys }] : [];
  });
}
