import {
  err,
  ok,
  refusal,
  type CompressedKey,
  type Refusal,
  type Result,
  type WalletId,
} from "@bezant/protocol";
import { fromDatabase } from "@bezant/service";
import type { Database } from "@bezant/service/db";
import { bytea } from "../ledger/index.ts";

const KEY = {
  name: "client-key",
  text: "SELECT encode(public_key, 'hex') AS key FROM clients WHERE client_id = $1",
};

/** The key that the client's orders are signed with. */
export async function findClientKey(
  db: Database,
  client: WalletId,
): Promise<Result<CompressedKey, Refusal>> {
  const found = await db.query<{ key: CompressedKey }>(KEY, [bytea(client)]);
  if (!found.ok) return err(fromDatabase(found.error));
  const [row] = found.value.rows;
  return row === undefined ? err(refusal("unknown-client")) : ok(row.key);
}
