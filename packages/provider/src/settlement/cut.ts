import type { Refusal, Result } from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { done, fromDatabase, transact } from "@bezant/service";
import type { Database, Transaction } from "@bezant/service/db";
import { closeReport, isCutting, openReport } from "./reports.ts";

/** Clients in one transaction: their accounts are locked for as long as it takes to add up what they have moved. */
const BATCH = 256;

// In the order of the keys: one pass over the accounts, resumed anywhere.
const MOVED = {
  name: "moved-clients",
  text: `/* all clients: whoever has moved since its last cut */
    SELECT client_id AS client FROM accounts
    WHERE client_id > $1 AND cut_report < $2 AND cut_sequence < sequence
    ORDER BY client_id LIMIT $3`,
};
const CERTIFIED = {
  name: "certified-clients",
  text: `/* all clients: whoever has got a certificate that no report has told of */
    SELECT DISTINCT c.client_id AS client
    FROM certificates AS c JOIN accounts AS a ON a.client_id = c.client_id
    WHERE c.report IS NULL AND c.client_id > $1 AND a.cut_report < $2
    ORDER BY c.client_id LIMIT $3`,
};

// From here on the clients' ledgers stand still: a movement is either in this cut, or has a higher number.
const LOCK = {
  name: "lock-to-cut",
  text: `SELECT client_id AS client FROM accounts
    WHERE client_id = ANY ($1::bytea[]) AND cut_report < $2
    ORDER BY client_id FOR NO KEY UPDATE`,
};
const CUT = {
  name: "insert-cuts",
  text: `INSERT INTO cuts (client_id, report, after_sequence, through_sequence)
    SELECT client_id, $2::bigint, cut_sequence, sequence FROM accounts
    WHERE client_id = ANY ($1::bytea[])`,
};
const TOTAL = {
  name: "insert-cut-totals",
  text: `INSERT INTO cut_totals (client_id, report, operation, debit, credit, transfers, amount)
    SELECT t.client_id, $2::bigint, t.operation, t.debit, t.credit, count(*), sum(t.amount)
    FROM accounts AS a JOIN transfers AS t ON t.client_id = a.client_id
      AND t.sequence > a.cut_sequence AND t.sequence <= a.sequence
    WHERE a.client_id = ANY ($1::bytea[])
    GROUP BY t.client_id, t.operation, t.debit, t.credit`,
};
const CERTIFICATES = {
  name: "report-certificates",
  text: `UPDATE certificates SET report = $2
    WHERE client_id = ANY ($1::bytea[]) AND report IS NULL`,
};
const ADVANCE = {
  name: "advance-cuts",
  text: `UPDATE accounts SET cut_report = $2, cut_sequence = sequence
    WHERE client_id = ANY ($1::bytea[])`,
};

type Client = { readonly client: Uint8Array };

/**
 * Gives everything that has moved since the last report to this one, a batch of clients at a time, and closes it. May
 * be broken off anywhere, and done by several servers at once: each client is cut once, under the lock of its accounts.
 */
export async function cutReport(core: Core, number: bigint): Promise<Result<void, Refusal>> {
  const { db, clock } = core;
  const opened = await transact(db, async (transaction) => {
    await openReport(transaction, number);
    return done(undefined);
  });
  if (!opened.ok) return opened;
  for (const statement of [MOVED, CERTIFIED]) {
    const cut = await cutAll(db, number, statement);
    if (!cut.ok) return cut;
  }
  return transact(db, async (transaction) => {
    await closeReport(transaction, number, clock.now());
    return done(undefined);
  });
}

async function cutAll(
  db: Database,
  number: bigint,
  statement: typeof MOVED,
): Promise<Result<void, Refusal>> {
  let after: Uint8Array = new Uint8Array();
  for (;;) {
    const found = await db.query<Client>(statement, [after, number, BATCH]);
    if (!found.ok) return { ok: false, error: fromDatabase(found.error) };
    const clients = found.value.rows.map(({ client }) => client);
    const last = clients.at(-1);
    if (last === undefined) return { ok: true, value: undefined };
    const cut = await transact(db, async (transaction) => {
      await cutBatch(transaction, number, clients);
      return done(undefined);
    });
    if (!cut.ok) return cut;
    after = last;
  }
}

async function cutBatch(
  transaction: Transaction,
  number: bigint,
  clients: readonly Uint8Array[],
): Promise<void> {
  // Another server may have finished the report meanwhile; then what is left belongs to the next one.
  if (!(await isCutting(transaction, number))) return;
  const { rows } = await transaction.query<Client>(LOCK, [clients, number]);
  if (rows.length === 0) return;
  const values = [rows.map(({ client }) => client), number];
  for (const statement of [CUT, TOTAL, CERTIFICATES, ADVANCE]) {
    await transaction.query(statement, values);
  }
}

const WAITING = {
  name: "waiting-for-report",
  text: `/* all clients: whoever has moved since its last cut */
    SELECT EXISTS (SELECT 1 FROM accounts WHERE cut_sequence < sequence)
      OR EXISTS (SELECT 1 FROM certificates WHERE report IS NULL) AS waiting`,
};

/** Whether there is anything to report. */
export async function isAnythingToReport({
  db,
}: Pick<Core, "db">): Promise<Result<boolean, Refusal>> {
  const found = await db.query<{ waiting: boolean }>(WAITING);
  if (!found.ok) return { ok: false, error: fromDatabase(found.error) };
  return { ok: true, value: found.value.rows[0]?.waiting === true };
}
