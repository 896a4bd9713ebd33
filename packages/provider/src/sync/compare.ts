import { equalBytes, type SyncRequest } from "@bezant/protocol";

/** Σ of a sequence up to and with one number. */
export interface Mark {
  readonly total: bigint;
  /** SHA-256 of the payload of that confirmation; undefined where only the sum is known. */
  readonly digest?: Uint8Array | undefined;
}

/** What the ledger has recorded of a TA. */
export interface Record {
  /** S.d and S.w. */
  readonly d: number;
  readonly w: number;
  /** At exactly the request's d and w; undefined where there is no row of that number. */
  readonly confirmed: Mark | undefined;
  readonly credited: Mark | undefined;
}

/**
 * `agrees`: both tell the same history, apart from messages on their way. `behind`: the TA has applied confirmations that the
 * ledger does not have, as after a restore from a backup. `contradicts`: no history of a sound TA is like this.
 */
export type Comparison = "agrees" | "behind" | "contradicts";

/** Compares a TA's account of itself with the ledger's; the TA's totals are over its whole life. */
export function compare(request: SyncRequest, record: Record): Comparison {
  const [deposited, withdrawn, paid, collected] = request.totals;
  if (request.balance + withdrawn + paid !== deposited + collected) return "contradicts";
  const { credited, confirmed } = record;
  if (request.w <= record.w && credited !== undefined && credited.total !== withdrawn) {
    return "contradicts";
  }
  if (request.d > record.d) return "behind";
  // An old request, from below a gap that a later one has closed.
  if (confirmed === undefined) return "agrees";
  const { digest, total } = confirmed;
  if (digest !== undefined && !equalBytes(digest, request.depositDigest)) return "behind";
  return total === deposited ? "agrees" : "contradicts";
}
