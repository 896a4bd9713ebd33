import { err, ok, type Refusal, type Result, type WalletId } from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { fromDatabase } from "@bezant/service";
import { bytea, type AccountKind, type Operation } from "../ledger/index.ts";

/** One transfer of a client's, as the ledger has it. */
export interface HistoryEntry {
  readonly sequence: bigint;
  readonly operation: Operation;
  /** Lowercase hex: the TA or client that it concerns, and the number or id there. */
  readonly party: string;
  readonly reference: string;
  readonly debit: AccountKind;
  readonly credit: AccountKind;
  readonly amount: bigint;
  readonly at: number;
}

export interface HistoryPage {
  /** The newest first. */
  readonly entries: readonly HistoryEntry[];
  /** For the next page; undefined: this was the last. */
  readonly before: bigint | undefined;
}

export interface HistoryQuery {
  /** Only entries older than this sequence number. */
  readonly before?: bigint | undefined;
  /** 1 to 500. */
  readonly limit: number;
}

const PAGE = {
  name: "history",
  text: `SELECT sequence, operation, encode(party, 'hex') AS party, encode(reference, 'hex') AS reference,
      debit, credit, amount, posted_at AS at
    FROM transfers WHERE client_id = $1 AND ($2::bigint IS NULL OR sequence < $2)
    ORDER BY sequence DESC LIMIT $3`,
};

/** Whoever calls has checked the client's token. */
export async function history(
  { db }: Core,
  client: WalletId,
  { before, limit }: HistoryQuery,
): Promise<Result<HistoryPage, Refusal>> {
  type Row = Omit<HistoryEntry, "at"> & { readonly at: bigint };
  const found = await db.query<Row>(PAGE, [bytea(client), before ?? null, limit]);
  if (!found.ok) return err(fromDatabase(found.error));
  const entries = found.value.rows.map((row) => ({ ...row, at: Number(row.at) }));
  const last = entries[limit - 1];
  return ok({
    entries,
    before: last === undefined || last.sequence === 1n ? undefined : last.sequence,
  });
}
