import {
  err,
  ok,
  type FromProvider,
  type ProviderEntry,
  type ProviderId,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import { done, fromDatabase, transact } from "@bezant/service";
import type { Database } from "@bezant/service/db";

const KEEP = {
  name: "keep-provider-entry",
  text: `INSERT INTO provider_entries (provider, sequence, entry) VALUES ($1, $2, $3)
    ON CONFLICT (provider) DO UPDATE SET sequence = EXCLUDED.sequence, entry = EXCLUDED.entry
    WHERE provider_entries.sequence < EXCLUDED.sequence OR $4`,
};
const READ = {
  name: "provider-entry",
  text: "SELECT entry FROM provider_entries WHERE provider = $1",
};

/** @param isTakenBack whether the key under the entry that is known is revoked: then that one counts no more */
export function keepEntry(
  db: Database,
  { provider, payload, bytes }: FromProvider<ProviderEntry>,
  isTakenBack: boolean,
): Promise<Result<void, Refusal>> {
  return transact(db, async (transaction) => {
    await transaction.query(KEEP, [provider, payload.sequence, bytes, isTakenBack]);
    return done(undefined);
  });
}

export async function readEntry(
  db: Database,
  provider: ProviderId,
): Promise<Result<Uint8Array | undefined, Refusal>> {
  const found = await db.query<{ entry: Buffer }>(READ, [provider]);
  if (!found.ok) return err(fromDatabase(found.error));
  const [row] = found.value.rows;
  return ok(row && new Uint8Array(row.entry));
}
