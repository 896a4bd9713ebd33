// What the oracle reads in a provider's tables, beside what the provider says.
import type { TaId, WalletId } from "@bezant/protocol";
import type { Bank } from "../bank.ts";
import { numbered, type PaymentEntry } from "./books.ts";

export async function balancesOf(
  bank: Bank,
  clients: readonly WalletId[],
): Promise<Map<WalletId, bigint>> {
  if (clients.length === 0) return new Map();
  const found = await bank.store.database.query<{ id: WalletId; online: bigint }>(
    {
      name: "oracle-balances",
      text: `SELECT encode(client_id, 'hex') AS id, online + suspense AS online FROM accounts
        WHERE client_id = ANY ($1::bytea[])`,
    },
    [clients.map((id) => Buffer.from(id, "hex"))],
  );
  if (!found.ok) throw new Error(found.error.detail);
  return new Map(found.value.rows.map(({ id, online }) => [id, online]));
}

export async function confirmationsAfter(bank: Bank, ta: TaId, after: number) {
  type Row = { d: bigint; kind: "deposit" | "refund"; amount: bigint; j: bigint | null };
  const found = await bank.store.database.query<Row>(
    {
      name: "oracle-confirmations",
      text: "SELECT d, kind, amount, j FROM deposits WHERE ta_id = $1 AND d > $2 ORDER BY d",
    },
    [Buffer.from(ta, "hex"), after],
  );
  if (!found.ok) throw new Error(found.error.detail);
  return found.value.rows;
}

/** Which of these payments have a row of their own. */
export async function claimedOf(
  bank: Bank,
  entries: readonly PaymentEntry[],
): Promise<Set<string>> {
  if (entries.length === 0) return new Set();
  const found = await bank.store.database.query<{ sender: string; j: bigint }>(
    {
      name: "oracle-claimed",
      text: `SELECT encode(sender, 'hex') AS sender, j FROM claims
        WHERE status = 'claimed' AND client_id = ANY ($1::bytea[]) AND sender = ANY ($2::bytea[])`,
    },
    [
      entries.map(({ receiver }) => Buffer.from(receiver, "hex")),
      entries.map(({ sender }) => Buffer.from(sender, "hex")),
    ],
  );
  if (!found.ok) throw new Error(found.error.detail);
  return new Set(found.value.rows.map(({ sender, j }) => numbered(sender, Number(j))));
}

export async function isDeclined(
  bank: Bank,
  client: WalletId,
  sender: TaId,
  j: number,
): Promise<boolean> {
  const found = await bank.store.database.query(
    {
      name: "oracle-declined",
      text: `SELECT FROM claims
        WHERE client_id = $1 AND sender = $2 AND j = $3 AND status = 'never-settled'`,
    },
    [Buffer.from(client, "hex"), Buffer.from(sender, "hex"), j],
  );
  return found.ok && found.value.count === 1;
}

export async function isOrdered(
  bank: Bank,
  client: WalletId,
  instruction: string,
): Promise<boolean> {
  const found = await bank.store.database.query(
    {
      name: "oracle-ordered",
      text: "SELECT FROM orders WHERE client_id = $1 AND instruction = $2",
    },
    [Buffer.from(client, "hex"), Buffer.from(instruction, "hex")],
  );
  return found.ok && found.value.count === 1;
}

/** The provider has heard the last word of a TA. */
export async function isRetired(bank: Bank, ta: TaId): Promise<boolean> {
  const found = await bank.store.database.query(
    {
      name: "oracle-retired",
      text: "SELECT 1 FROM tas WHERE ta_id = $1 AND status = 'retired'",
    },
    [Buffer.from(ta, "hex")],
  );
  if (!found.ok) throw new Error(found.error.detail);
  return found.value.rows.length > 0;
}
