import type { KeyId, ProviderId, Seconds, StatusChunk } from "@bezant/protocol";
import type { Transaction } from "@bezant/service/db";
import { contentOf, readChunks, readHeads } from "./lists.ts";
import { readRevokedKeys } from "./revocations.ts";

/** Who signed a payment, as its certificate says. */
export interface SenderCertificate {
  readonly issuer: ProviderId;
  readonly index: number | undefined;
  /** Of the key that certified it. */
  readonly kid: KeyId;
  readonly nbf: Seconds;
}

/**
 * Everybody who is revoked, as the stored lists say, in memory. A look at the lists' heads before each use tells whether
 * they have changed, on whichever server, so this is never older than the transaction that asks.
 */
export class RevokedView {
  #stamp = "";
  #revoked = new Map<ProviderId, ReadonlySet<number>>();
  #keys = new Map<string, Seconds>();

  /** Reads again what has changed. */
  async refresh(transaction: Pick<Transaction, "query">): Promise<void> {
    const heads = await readHeads(transaction);
    const keys = await readRevokedKeys(transaction);
    this.#keys = new Map(keys.map(({ kid, since }) => [kid, since]));
    const stamp = heads.map(({ issuer, version }) => `${issuer} ${version}`).join();
    if (stamp === this.#stamp) return;
    const named = new Map<ProviderId, Set<number>>();
    for (const stored of await readChunks(transaction)) {
      const { revoked }: StatusChunk = contentOf(stored);
      const known = named.get(stored.issuer) ?? new Set();
      for (const index of revoked) known.add(index);
      named.set(stored.issuer, known);
    }
    this.#revoked = named;
    this.#stamp = stamp;
  }

  /** Whether a list names this certificate, or its issuer's key was revoked before it signed. */
  isSuspect({ issuer, index, kid, nbf }: SenderCertificate): boolean {
    const since = this.#keys.get(kid);
    if (since !== undefined && nbf > since) return true;
    return index !== undefined && (this.#revoked.get(issuer)?.has(index) ?? false);
  }
}
