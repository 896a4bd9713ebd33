import { ok, type Result } from "@bezant/protocol";
import type { Database, Unavailable } from "@bezant/service/db";
import type { Balances } from "./balances.ts";

/** Σ over all clients, and what is wrong, if anything is. */
export interface LedgerSupply {
  readonly balances: Balances;
  /** What reserves and losses have paid in: Σ online + Σ suspense + offline circulation + interbank is equal to this. */
  readonly funded: bigint;
  /** Clients whose balances are not the sum of their transfers, and by how much they are off. */
  readonly tampered: readonly Tampered[];
}

export interface Tampered {
  readonly client: string;
  readonly account: string;
  /** The balance less the sum of the transfers. */
  readonly off: bigint;
}

// Under Citus there is no snapshot over all nodes: a running sum may see half of an online payment, as clearing ≠ 0.
const TOTALS = `/* all clients: the supply is theirs together */ SELECT coalesce(sum(online), 0) AS online, coalesce(sum(suspense), 0) AS suspense,
    coalesce(sum(offline), 0) AS offline, coalesce(sum(clearing), 0) AS clearing,
    coalesce(sum(interbank), 0) AS interbank,
    coalesce(sum(reserves), 0) AS reserves, coalesce(sum(loss), 0) AS loss FROM accounts`;

// Of no client.
const HOUSE = `SELECT coalesce(sum(amount) FILTER (WHERE operation = 'write-off'), 0)
    - coalesce(sum(amount) FILTER (WHERE operation = 'recovery'), 0) AS "writtenOff"
  FROM house_transfers`;
// Of clients whom a restore has forgotten altogether.
const STRANGERS = `/* all clients: the supply is theirs together */
  SELECT coalesce(sum(lost), 0) AS paid FROM forgotten_payments
  WHERE NOT has_account AND status = 'settled'`;

const TAMPERED = `/* all clients: any row may be the one that was changed */ WITH entries AS (
    SELECT client_id, credit AS account, amount FROM transfers
    UNION ALL SELECT client_id, debit, -amount FROM transfers
  ), sums AS (
    SELECT client_id, account, sum(amount) AS total FROM entries GROUP BY client_id, account
  ), balances AS (
    SELECT client_id, k.account, k.balance FROM accounts, LATERAL (VALUES ('online', online),
      ('suspense', suspense), ('offline', offline), ('clearing', clearing), ('interbank', interbank),
      ('reserves', reserves), ('loss', loss)) AS k (account, balance)
  )
  SELECT encode(b.client_id, 'hex') AS client, b.account, b.balance - coalesce(s.total, 0) AS off
  FROM balances AS b LEFT JOIN sums AS s ON s.client_id = b.client_id AND s.account = b.account
  WHERE b.balance <> coalesce(s.total, 0) ORDER BY b.client_id, b.account`;

/**
 * The supply audit of one provider's ledger, from its transfers alone. Nothing is wrong exactly where
 * `isLedgerBalanced` says so.
 */
export async function auditLedger(database: Database): Promise<Result<LedgerSupply, Unavailable>> {
  const totals = await database.query<Balances>(TOTALS);
  if (!totals.ok) return totals;
  const tampered = await database.query<Tampered>(TAMPERED);
  if (!tampered.ok) return tampered;
  const house = await database.query<{ writtenOff: bigint }>(HOUSE);
  if (!house.ok) return house;
  const strangers = await database.query<{ paid: bigint }>(STRANGERS);
  if (!strangers.ok) return strangers;
  const paid = strangers.value.rows[0]?.paid ?? 0n;
  const [clients] = totals.value.rows;
  if (clients === undefined) throw new Error("an aggregate without a row");
  const writtenOff = house.value.rows[0]?.writtenOff ?? 0n;
  const balances = {
    ...clients,
    offline: clients.offline + writtenOff,
    interbank: clients.interbank + paid,
    loss: clients.loss - writtenOff - paid,
  };
  const funded = -(balances.reserves + balances.loss);
  return ok({ balances, funded, tampered: tampered.value.rows });
}

/** Supply identity: Σ online + Σ suspense + offline circulation + what other providers' clients got = what was paid in, and no account is off. */
export function isLedgerBalanced({ balances, funded, tampered }: LedgerSupply): boolean {
  const { online, suspense, offline, clearing, interbank } = balances;
  const owed = online + suspense + offline + interbank;
  return tampered.length === 0 && clearing === 0n && owed === funded;
}
