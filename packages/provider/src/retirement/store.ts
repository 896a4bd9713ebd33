import type { TaId, WalletId } from "@bezant/protocol";
import type { Transaction } from "@bezant/service/db";
import { bytea } from "../ledger/index.ts";

const RETIRE = {
  name: "retire-ta",
  text: `UPDATE tas SET status = 'retired', read_only_since = NULL
    WHERE client_id = $1 AND ta_id = $2`,
};

export async function setRetired(
  transaction: Transaction,
  client: WalletId,
  ta: TaId,
): Promise<void> {
  await transaction.query(RETIRE, [bytea(client), bytea(ta)]);
}
