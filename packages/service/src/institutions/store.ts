import { ok, type Result, type VerifiedInstitutionStatus } from "@bezant/protocol";
import type { Database, Transaction, Unavailable } from "../db/index.ts";

const KEEP = {
  name: "keep-institution-list",
  text: `INSERT INTO institution_lists (issuer, sequence, list) VALUES ($1, $2, $3)
    ON CONFLICT (issuer) DO UPDATE SET sequence = EXCLUDED.sequence, list = EXCLUDED.list
    WHERE institution_lists.sequence < EXCLUDED.sequence`,
};
const READ = {
  name: "institution-lists",
  text: "SELECT list FROM institution_lists ORDER BY issuer",
};

/** Keeps a list unless there is one of its issuer that is as new. */
export async function keepList(
  transaction: Transaction,
  { issuer, list, bytes }: VerifiedInstitutionStatus,
): Promise<void> {
  await transaction.query(KEEP, [issuer, list.sequence, bytes]);
}

export async function readLists(db: Database): Promise<Result<readonly Uint8Array[], Unavailable>> {
  const found = await db.query<{ list: Buffer }>(READ);
  return found.ok ? ok(found.value.rows.map(({ list }) => new Uint8Array(list))) : found;
}
