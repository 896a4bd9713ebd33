import type { Result } from "@bezant/protocol";
import type { Database, Unavailable } from "@bezant/service/db";

/** A transfer and the row of its operation, or of the reports, that do not say the same. */
export interface Mismatch {
  /** Empty for what belongs to all of them. */
  readonly client: string;
  readonly operation: string;
  /** As in the transfer, lowercase hex. */
  readonly party: string;
  readonly reference: string;
  /** What the transfers have moved less what the rows say. */
  readonly off: bigint;
}

// Each statement sets the transfers of some operations against the rows that stand for them. A number is a transfer's
// reference in four bytes.

const CONFIRMATIONS = `/* all clients: any row may be the one that was changed */
  WITH t AS (
    SELECT client_id, operation, party, reference, amount FROM transfers
    WHERE operation IN ('deposit', 'refund')
  ), r AS (
    SELECT client_id, kind AS operation, ta_id AS party,
      decode(lpad(to_hex(d), 8, '0'), 'hex') AS reference, amount FROM deposits
  )
  SELECT encode(client_id, 'hex') AS client, coalesce(t.operation, r.operation) AS operation,
    encode(party, 'hex') AS party, encode(reference, 'hex') AS reference,
    coalesce(t.amount, 0) - coalesce(r.amount, 0) AS off
  FROM t FULL JOIN r USING (client_id, party, reference)
  WHERE r.operation IS DISTINCT FROM 'gap'
    AND (t.amount IS DISTINCT FROM r.amount OR t.operation IS DISTINCT FROM r.operation)`;

const RETIREMENTS = `/* all clients: any row may be the one that was changed */
  SELECT encode(t.client_id, 'hex') AS client, t.operation, encode(t.party, 'hex') AS party,
    encode(t.reference, 'hex') AS reference, t.amount - coalesce(r.amount, 0) AS off
  FROM transfers AS t LEFT JOIN deposits AS r ON r.client_id = t.client_id AND r.ta_id = t.party
    AND decode(lpad(to_hex(r.d), 8, '0'), 'hex') = t.reference
  WHERE t.operation = 'retirement' AND t.amount IS DISTINCT FROM r.amount`;

const WITHDRAWALS = `/* all clients: any row may be the one that was changed */
  WITH t AS (
    SELECT client_id, party, reference, amount FROM transfers WHERE operation = 'withdrawal'
  ), r AS (
    SELECT client_id, ta_id AS party, decode(lpad(to_hex(w), 8, '0'), 'hex') AS reference, amount
    FROM withdrawals WHERE kind = 'withdrawal'
  )
  SELECT encode(client_id, 'hex') AS client, 'withdrawal' AS operation,
    encode(party, 'hex') AS party, encode(reference, 'hex') AS reference,
    coalesce(t.amount, 0) - coalesce(r.amount, 0) AS off
  FROM t FULL JOIN r USING (client_id, party, reference)
  WHERE t.amount IS DISTINCT FROM r.amount`;

const CLAIMS = `/* all clients: any row may be the one that was changed */
  WITH t AS (
    SELECT client_id, party, reference, amount FROM transfers WHERE operation = 'claim'
  ), r AS (
    SELECT client_id, sender AS party, decode(lpad(to_hex(j), 8, '0'), 'hex') AS reference, amount
    FROM claims WHERE status = 'claimed'
  )
  SELECT encode(client_id, 'hex') AS client, 'claim' AS operation,
    encode(party, 'hex') AS party, encode(reference, 'hex') AS reference,
    coalesce(t.amount, 0) - coalesce(r.amount, 0) AS off
  FROM t FULL JOIN r USING (client_id, party, reference)
  WHERE t.amount IS DISTINCT FROM r.amount`;

const PAYMENTS = `/* all clients: any row may be the one that was changed */
  WITH t AS (
    SELECT client_id, operation, party, reference, amount FROM transfers
    WHERE operation IN ('payment-sent', 'interbank-sent', 'interbank-returned')
  ), r AS (
    SELECT client_id,
      CASE WHEN provider IS NULL THEN 'payment-sent' ELSE 'interbank-sent' END AS operation,
      receiver AS party, order_id AS reference, amount FROM orders
    UNION ALL
    SELECT client_id, 'interbank-returned', receiver, order_id, amount FROM orders
    WHERE status = 'returned'
  )
  SELECT encode(client_id, 'hex') AS client, operation,
    encode(party, 'hex') AS party, encode(reference, 'hex') AS reference,
    coalesce(t.amount, 0) - coalesce(r.amount, 0) AS off
  FROM t FULL JOIN r USING (client_id, operation, party, reference)
  WHERE t.amount IS DISTINCT FROM r.amount`;

const FORGOTTEN = `/* all clients: any row may be the one that was changed */
  WITH t AS (
    SELECT client_id, operation, party, reference, amount FROM transfers
    WHERE operation IN (
      'forgotten-payment', 'forgotten-loss', 'forgotten-returned', 'forgotten-recovered')
  ), r AS (
    SELECT client_id, k.operation, receiver AS party, instruction AS reference, k.amount
    FROM forgotten_payments, LATERAL (VALUES
      ('forgotten-payment', covered), ('forgotten-loss', lost),
      ('forgotten-returned', CASE status WHEN 'returned' THEN covered ELSE 0 END),
      ('forgotten-recovered', CASE status WHEN 'returned' THEN lost ELSE 0 END)
    ) AS k (operation, amount)
    WHERE has_account AND k.amount > 0
  )
  SELECT encode(client_id, 'hex') AS client, operation,
    encode(party, 'hex') AS party, encode(reference, 'hex') AS reference,
    coalesce(t.amount, 0) - coalesce(r.amount, 0) AS off
  FROM t FULL JOIN r USING (client_id, operation, party, reference)
  WHERE t.amount IS DISTINCT FROM r.amount`;

// An order that moves no money has no amount; what a release moves is in no order.
const ORDERS = `/* all clients: any row may be the one that was changed */
  WITH t AS (
    SELECT client_id, operation, reference, amount FROM transfers
    WHERE operation IN ('funding', 'release')
  ), r AS (
    SELECT client_id, order_id AS reference, amount FROM operator_orders
  )
  SELECT encode(t.client_id, 'hex') AS client, t.operation, '' AS party,
    encode(t.reference, 'hex') AS reference, t.amount - coalesce(r.amount, 0) AS off
  FROM t LEFT JOIN r ON r.client_id = t.client_id AND r.reference = t.reference
  WHERE r.reference IS NULL OR (t.operation = 'funding' AND t.amount IS DISTINCT FROM r.amount)
  UNION ALL
  SELECT encode(r.client_id, 'hex'), 'funding', '', encode(r.reference, 'hex'), -r.amount
  FROM r LEFT JOIN t ON t.client_id = r.client_id AND t.reference = r.reference
  WHERE r.amount IS NOT NULL AND t.reference IS NULL`;

// A transfer's reference is the sync's nonce, then 00 for its withdrawals or 01 for its deposits.
const SYNCS = `/* all clients: any row may be the one that was changed */
  WITH t AS (
    SELECT client_id, party, reference, amount FROM transfers WHERE operation = 'reconciliation'
  ), r AS (
    SELECT client_id, ta_id AS party, nonce || '\\x00'::bytea AS reference,
      abs(withdrawals_adjusted) AS amount FROM syncs WHERE withdrawals_adjusted <> 0
    UNION ALL
    SELECT client_id, ta_id, nonce || '\\x01'::bytea, abs(deposits_adjusted)
    FROM syncs WHERE deposits_adjusted <> 0
  )
  SELECT encode(client_id, 'hex') AS client, 'reconciliation' AS operation,
    encode(party, 'hex') AS party, encode(reference, 'hex') AS reference,
    coalesce(t.amount, 0) - coalesce(r.amount, 0) AS off
  FROM t FULL JOIN r USING (client_id, party, reference)
  WHERE t.amount IS DISTINCT FROM r.amount`;

const REPORTED = `/* all clients: any row may be the one that was changed */
  WITH t AS (
    SELECT t.client_id, t.operation, t.debit, t.credit, sum(t.amount) AS amount
    FROM transfers AS t JOIN accounts AS a ON a.client_id = t.client_id
    WHERE t.sequence <= a.cut_sequence
    GROUP BY t.client_id, t.operation, t.debit, t.credit
  ), r AS (
    SELECT client_id, operation, debit, credit, sum(amount) AS amount FROM cut_totals
    GROUP BY client_id, operation, debit, credit
  )
  SELECT encode(client_id, 'hex') AS client, 'reported ' || operation AS operation, '' AS party,
    '' AS reference, coalesce(t.amount, 0) - coalesce(r.amount, 0) AS off
  FROM t FULL JOIN r USING (client_id, operation, debit, credit)
  WHERE t.amount IS DISTINCT FROM r.amount`;

// The two sides lie with two clients: where clients are spread over nodes, only the sum over all of clearing tells.
const PAIRS = `/* all clients: any row may be the one that was changed */
  WITH t AS (
    SELECT client_id, party, reference, amount FROM transfers WHERE operation = 'payment-received'
  ), r AS (
    SELECT receiver AS client_id, client_id AS party, order_id AS reference, amount FROM orders
    WHERE provider IS NULL
  )
  SELECT encode(client_id, 'hex') AS client, 'payment-received' AS operation,
    encode(party, 'hex') AS party, encode(reference, 'hex') AS reference,
    coalesce(t.amount, 0) - coalesce(r.amount, 0) AS off
  FROM t FULL JOIN r USING (client_id, party, reference)
  WHERE t.amount IS DISTINCT FROM r.amount`;

// Advices lie where the reports do, not with the clients.
const ADVICES = `/* all clients: any row may be the one that was changed */
  WITH t AS (
    SELECT client_id, party, reference, amount FROM transfers
    WHERE operation = 'interbank-received'
  ), r AS (
    SELECT client AS client_id, party, instruction AS reference, amount FROM advices
    WHERE kind = 'payment' AND status = 'credited'
  )
  SELECT encode(client_id, 'hex') AS client, 'interbank-received' AS operation,
    encode(party, 'hex') AS party, encode(reference, 'hex') AS reference,
    coalesce(t.amount, 0) - coalesce(r.amount, 0) AS off
  FROM t FULL JOIN r USING (client_id, party, reference)
  WHERE t.amount IS DISTINCT FROM r.amount`;

// Of no client: what all deposits together have used up of the allowance, once there is one.
const ALLOWANCE = `/* all clients: the allowance is theirs together */
  WITH t AS (
    SELECT coalesce(sum(amount), 0) + (SELECT coalesce(sum(outward - returned), 0) FROM take_ups)
      AS amount FROM transfers
    WHERE operation = 'deposit' OR (operation = 'reconciliation' AND credit = 'offline')
  ), r AS (
    SELECT sum(used) AS amount FROM shares WHERE purpose = 'deposit'
  )
  SELECT '' AS client, 'allowance' AS operation, '' AS party, '' AS reference,
    t.amount - r.amount AS off
  FROM t, r WHERE t.amount <> r.amount`;

// Of no client: what was given up, and how much of it has come back, against the orders and what is still given up.
const WRITE_OFFS = `WITH t AS (
    SELECT take_up, sum(CASE operation WHEN 'write-off' THEN amount ELSE -amount END) AS amount
    FROM house_transfers GROUP BY take_up
  ), o AS (
    SELECT reference, sum(amount) AS amount FROM house_transfers
    WHERE operation = 'write-off' GROUP BY reference
  )
  SELECT '' AS client, 'written-off' AS operation, '' AS party, to_hex(u.report) AS reference,
    coalesce(t.amount, 0) - u.written_off AS off
  FROM take_ups AS u LEFT JOIN t ON t.take_up = u.report
  WHERE coalesce(t.amount, 0) <> u.written_off
  UNION ALL
  SELECT '', 'write-off', '', encode(coalesce(o.reference, w.order_id), 'hex'),
    coalesce(o.amount, 0) - coalesce(w.amount, 0)
  FROM o FULL JOIN write_off_orders AS w ON w.order_id = o.reference
  WHERE o.amount IS DISTINCT FROM w.amount`;

const ON_ONE_NODE = [
  CONFIRMATIONS,
  RETIREMENTS,
  WITHDRAWALS,
  CLAIMS,
  PAYMENTS,
  FORGOTTEN,
  ORDERS,
  SYNCS,
  REPORTED,
  ALLOWANCE,
  WRITE_OFFS,
];

/** Every transfer that no operation stands for, every operation without its transfer, and where they differ. */
export async function findMismatches(
  db: Database,
  isSharded: boolean,
): Promise<Result<readonly Mismatch[], Unavailable>> {
  const found: Mismatch[] = [];
  for (const statement of isSharded ? ON_ONE_NODE : [...ON_ONE_NODE, ADVICES, PAIRS]) {
    const rows = await db.query<Mismatch>(statement);
    if (!rows.ok) return rows;
    found.push(...rows.value.rows);
  }
  const keyOf = (one: Mismatch): string => [one.client, one.operation, one.reference].join();
  return { ok: true, value: found.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)) };
}
