import {
  ok,
  type FromProvider,
  type ProviderEntry,
  type ProviderId,
  type Result,
  type Seconds,
} from "@bezant/protocol";
import type { Database, Transaction, Unavailable } from "@bezant/service/db";

/** Entries in one answer; whoever wants more goes on behind the last of them. */
const PAGE = 256;

const LATEST = {
  name: "directory-latest",
  text: "SELECT sequence, payload, entry FROM directory WHERE provider = $1",
};
const KEEP = {
  name: "keep-directory-entry",
  text: `INSERT INTO directory (provider, sequence, ends, payload, entry) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (provider) DO UPDATE SET sequence = EXCLUDED.sequence, ends = EXCLUDED.ends,
      payload = EXCLUDED.payload, entry = EXCLUDED.entry`,
};
const CURRENT = {
  name: "directory-page",
  text: `SELECT entry FROM directory WHERE provider > $1 AND ends >= $2
    ORDER BY provider LIMIT ${PAGE}`,
};

export interface EntryRow {
  readonly sequence: bigint;
  readonly payload: Buffer;
  readonly entry: Buffer;
}

/** Of a provider whose row is locked. */
export async function latestEntry(
  transaction: Transaction,
  provider: ProviderId,
): Promise<EntryRow | undefined> {
  const { rows } = await transaction.query<EntryRow>(LATEST, [provider]);
  return rows[0];
}

export async function keepEntry(
  transaction: Transaction,
  { provider, payload, payloadBytes, bytes }: FromProvider<ProviderEntry>,
): Promise<void> {
  const { sequence, end } = payload;
  await transaction.query(KEEP, [provider, sequence, end, payloadBytes, bytes]);
}

/** What has not ended, of the providers whose ids are behind this one. */
export async function readEntries(
  db: Database,
  after: string,
  now: Seconds,
): Promise<Result<readonly Uint8Array[], Unavailable>> {
  const found = await db.query<{ entry: Buffer }>(CURRENT, [after, now]);
  return found.ok ? ok(found.value.rows.map(({ entry }) => new Uint8Array(entry))) : found;
}
