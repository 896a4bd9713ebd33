import { err, MAX_PAGE, MAX_PAGES, ok, type Refusal, type Result } from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { done, fromDatabase, transact } from "@bezant/service";
import type { Database, Transaction } from "@bezant/service/db";
import { closeReport, lockReport, openReport } from "./reports.ts";
import { reportHouse } from "./write-offs.ts";

/** Clients in one transaction: their accounts are locked for as long as it takes to add up what they have moved. */
const BATCH = 256;

/** Digests in one report at most: its pages, but for one of each kind that is not full. */
const ROOM = (MAX_PAGES - 2) * MAX_PAGE;
/** Transfers of one client in one report at most, so that every client fits into an empty one. */
const TRANSFERS = 100_000;

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
const WEIGH = {
  name: "weigh-cuts",
  text: `SELECT a.client_id AS client, (
      SELECT count(*) FROM transfers AS t WHERE t.client_id = a.client_id
        AND t.sequence > a.cut_sequence AND t.sequence <= a.cut_sequence + $2
        AND t.operation IN ('deposit', 'refund')
    ) + (
      SELECT count(*) FROM certificates AS c WHERE c.client_id = a.client_id AND c.report IS NULL
    ) AS digests
    FROM accounts AS a WHERE a.client_id = ANY ($1::bytea[]) ORDER BY a.client_id`,
};
const HELD = {
  name: "digests-held",
  text: `/* all clients: a report is of all of them */
    SELECT coalesce(sum(digests), 0) AS held FROM cuts WHERE report = $1`,
};
const CUT = {
  name: "insert-cuts",
  text: `INSERT INTO cuts (client_id, report, after_sequence, through_sequence, digests)
    SELECT a.client_id, $2::bigint, a.cut_sequence, least(a.sequence, a.cut_sequence + $4), k.digests
    FROM unnest($1::bytea[], $3::bigint[]) AS k (client_id, digests)
    JOIN accounts AS a ON a.client_id = k.client_id
    WHERE a.client_id = ANY ($1::bytea[])`,
};
const TOTAL = {
  name: "insert-cut-totals",
  text: `INSERT INTO cut_totals (client_id, report, operation, debit, credit, transfers, amount)
    SELECT t.client_id, c.report, t.operation, t.debit, t.credit, count(*), sum(t.amount)
    FROM cuts AS c JOIN transfers AS t ON t.client_id = c.client_id
      AND t.sequence > c.after_sequence AND t.sequence <= c.through_sequence
    WHERE c.client_id = ANY ($1::bytea[]) AND c.report = $2
    GROUP BY t.client_id, c.report, t.operation, t.debit, t.credit`,
};
const CERTIFICATES = {
  name: "report-certificates",
  text: `UPDATE certificates SET report = $2
    WHERE client_id = ANY ($1::bytea[]) AND report IS NULL`,
};
const ADVANCE = {
  name: "advance-cuts",
  text: `UPDATE accounts AS a SET cut_report = $2, cut_sequence = c.through_sequence
    FROM cuts AS c WHERE c.client_id = a.client_id AND c.report = $2
      AND a.client_id = ANY ($1::bytea[])`,
};

interface Client {
  readonly client: Uint8Array;
}

/**
 * Gives everything that has moved since the last report to this one, a batch of clients at a time, and closes it; what
 * finds no room waits for the next one. May be broken off anywhere, and done by several servers at once: each client is
 * cut once, under the lock of its accounts.
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
    if (cut.value === "full") break;
  }
  return transact(db, async (transaction) => {
    const isNew = await closeReport(transaction, number, clock.now());
    if (isNew) await reportHouse(transaction, number);
    return done(undefined);
  });
}

async function cutAll(
  db: Database,
  number: bigint,
  statement: typeof MOVED,
): Promise<Result<Cut, Refusal>> {
  let after: Uint8Array = new Uint8Array();
  for (;;) {
    const found = await db.query<Client>(statement, [after, number, BATCH]);
    if (!found.ok) return err(fromDatabase(found.error));
    const clients = found.value.rows.map(({ client }) => client);
    const last = clients.at(-1);
    if (last === undefined) return ok("done");
    const cut = await transact(db, async (transaction) =>
      done(await cutBatch(transaction, number, clients)),
    );
    if (!cut.ok || cut.value === "full") return cut;
    after = last;
  }
}

async function cutBatch(
  transaction: Transaction,
  number: bigint,
  clients: readonly Uint8Array[],
): Promise<Cut> {
  // Another server may have finished the report meanwhile; then what is left belongs to the next one.
  if ((await lockReport(transaction, number)) !== "cutting") return "full";
  const locked = await transaction.query<Client>(LOCK, [clients, number]);
  const weighed = await transaction.query<Weighed>(WEIGH, [
    locked.rows.map(({ client }) => client),
    TRANSFERS,
  ]);
  const fitting = await whatFits(transaction, number, weighed.rows);
  const ids = fitting.map(({ client }) => client);
  const digests = fitting.map((one) => one.digests);
  if (ids.length > 0) {
    await transaction.query(CUT, [ids, number, digests, TRANSFERS]);
    for (const statement of [TOTAL, CERTIFICATES, ADVANCE]) {
      await transaction.query(statement, [ids, number]);
    }
  }
  return ids.length < weighed.rows.length ? "full" : "done";
}

interface Weighed extends Client {
  readonly digests: bigint;
}

/** The first of these clients that the report still has room for. */
async function whatFits(
  transaction: Transaction,
  number: bigint,
  clients: readonly Weighed[],
): Promise<readonly Weighed[]> {
  const { rows } = await transaction.query<{ held: bigint }>(HELD, [number]);
  let held = rows[0]?.held ?? 0n;
  const end = clients.findIndex(({ digests }) => {
    held += digests;
    return held > BigInt(ROOM);
  });
  return end < 0 ? clients : clients.slice(0, end);
}

const WAITING = {
  name: "waiting-for-report",
  text: `/* all clients: whoever has moved since its last cut */
    SELECT EXISTS (SELECT 1 FROM accounts WHERE cut_sequence < sequence)
      OR EXISTS (SELECT 1 FROM certificates WHERE report IS NULL)
      OR EXISTS (SELECT 1 FROM house_transfers WHERE report IS NULL) AS waiting`,
};

/** How a batch, or a whole pass, has ended. */
type Cut = "done" | "full";

/** Whether there is anything to report. */
export async function isAnythingToReport({
  db,
}: Pick<Core, "db">): Promise<Result<boolean, Refusal>> {
  const found = await db.query<{ waiting: boolean }>(WAITING);
  if (!found.ok) return err(fromDatabase(found.error));
  return ok(found.value.rows[0]?.waiting === true);
}
