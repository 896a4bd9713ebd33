import type { Brand } from "../brand.ts";
import type { InstitutionId, KeyId, Seconds } from "../ids.ts";
import type { InstitutionStatus, RevokedKey } from "../messages/institution-status.ts";

/** A list of revoked keys that its issuer signed. */
export type VerifiedInstitutionStatus = Brand<
  {
    readonly issuer: InstitutionId;
    /** The root's list counts for every institution, an intermediary's for those that it certified. */
    readonly ofRoot: boolean;
    readonly list: InstitutionStatus;
    readonly bytes: Uint8Array;
  },
  "VerifiedInstitutionStatus"
>;

/** What one party knows of revoked keys of institutions: the newest list of each issuer (§16.3). */
export class RevokedKeys {
  readonly #byIssuer = new Map<InstitutionId, VerifiedInstitutionStatus>();

  /** Keeps a list that is newer than the one of its issuer that is known; false: it is not. */
  learn(status: VerifiedInstitutionStatus): boolean {
    const known = this.#byIssuer.get(status.issuer);
    if (known !== undefined && known.list.sequence >= status.list.sequence) return false;
    this.#byIssuer.set(status.issuer, status);
    return true;
  }

  /** The last second of what this key signed that is believed; undefined: the key, which `certifier` certified, is not revoked. */
  since(key: KeyId, certifier: InstitutionId): Seconds | undefined {
    let earliest: Seconds | undefined;
    for (const { issuer, ofRoot, list } of this.#byIssuer.values()) {
      if (!ofRoot && issuer !== certifier) continue;
      const [, since] = list.revoked.find(([revoked]) => revoked === key) ?? [];
      if (since !== undefined && (earliest === undefined || since < earliest)) earliest = since;
    }
    return earliest;
  }

  /** All keys of all lists, the latest first: what a provider tells its TAs of. */
  keys(): readonly RevokedKey[] {
    const all = [...this.#byIssuer.values()].flatMap(({ list }) => list.revoked);
    return all.toSorted(([, a], [, b]) => b - a);
  }

  /** The lists, to be stored and handed on. */
  lists(): readonly Uint8Array[] {
    return [...this.#byIssuer.values()].map(({ bytes }) => bytes);
  }
}
