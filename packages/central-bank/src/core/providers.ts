import type { ProviderId } from "@bezant/protocol";
import type { Transaction } from "@bezant/service/db";

export type ProviderStatus = "open" | "suspended";

/** A provider's row, locked until the transaction ends: its operations are one after the other. */
export interface ProviderRow {
  readonly provider: ProviderId;
  readonly status: ProviderStatus;
  readonly limit: bigint;
  /** The last one of each. */
  readonly allowance: bigint;
  readonly report: bigint;
  readonly advice: bigint;
}

const LOCK = {
  name: "lock-providers",
  text: `SELECT provider, status, prefund_limit AS limit, allowance, report, advice FROM providers
    WHERE provider = ANY ($1::text[]) ORDER BY provider FOR UPDATE`,
};

/** Locks in the order of their ids, so that two payments that cross cannot wait for each other. */
export async function lockProviders(
  transaction: Transaction,
  ids: readonly ProviderId[],
): Promise<ReadonlyMap<ProviderId, ProviderRow>> {
  const { rows } = await transaction.query<ProviderRow>(LOCK, [ids]);
  return new Map(rows.map((row) => [row.provider, row]));
}

export async function lockProvider(
  transaction: Transaction,
  id: ProviderId,
): Promise<ProviderRow | undefined> {
  return (await lockProviders(transaction, [id])).get(id);
}

const BOOK = {
  name: "lock-book",
  text: "SELECT number FROM windows WHERE closed_at IS NULL FOR UPDATE",
};

/**
 * The open window, locked: reports, issuance and the closing of windows are one after the other. After the rows of providers,
 * before those of accounts.
 */
export async function lockWindow(transaction: Transaction): Promise<bigint> {
  for (;;) {
    const { rows } = await transaction.query<{ number: bigint }>(BOOK);
    const [open] = rows;
    // None: the one that this waited for was closed meanwhile, and the statement did not see its successor yet.
    if (open !== undefined) return open.number;
  }
}
