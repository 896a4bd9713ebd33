// The supply audit's questions to the database. None of them trusts a balance: what an account holds is the sum of its entries, and what
// an entry moves is what the order, allowance, window or payment says that it stands for.

export const TOTALS = `SELECT
    -coalesce(sum(balance) FILTER (WHERE kind = 'issuance'), 0) AS issuance,
    coalesce(sum(balance) FILTER (WHERE kind = 'circulation'), 0) AS circulation,
    -coalesce(sum(balance) FILTER (WHERE kind = 'loss' AND holder = ''), 0) AS loss,
    (SELECT max(number) FROM windows) AS window
  FROM accounts`;

export const PROVIDERS = `WITH balances AS (
    SELECT holder, coalesce(sum(balance) FILTER (WHERE kind = 'reserves'), 0) AS reserves,
      coalesce(sum(balance) FILTER (WHERE kind = 'prefund'), 0) AS prefund,
      -coalesce(sum(balance) FILTER (WHERE kind = 'loss'), 0) AS loss
    FROM accounts GROUP BY holder
  ), moved AS (
    SELECT holder,
      coalesce(sum(amount) FILTER (WHERE operation IN ('issue', 'redeem')), 0) AS issued,
      coalesce(sum(amount) FILTER (WHERE operation IN ('payment', 'return')), 0) AS received
    FROM entries WHERE kind = 'reserves' GROUP BY holder
  ), reported AS (
    SELECT r.provider, sum(r.outward) AS outward, sum(r.inward) AS inward,
      coalesce(sum(r.outward) FILTER (WHERE w.closed_at IS NULL), 0) AS pending_outward,
      coalesce(sum(r.inward) FILTER (WHERE w.closed_at IS NULL), 0) AS pending_inward
    FROM reports AS r JOIN windows AS w ON w.number = r.settlement_window GROUP BY r.provider
  )
  SELECT p.provider, p.status, p.report, p.advice, coalesce(b.reserves, 0) AS reserves,
    coalesce(b.prefund, 0) AS prefund, coalesce(b.loss, 0) AS loss, coalesce(m.issued, 0) AS issued,
    coalesce(m.received, 0) AS received, coalesce(r.outward, 0) AS outward,
    coalesce(r.inward, 0) AS inward, coalesce(r.pending_outward, 0) AS "pendingOutward",
    coalesce(r.pending_inward, 0) AS "pendingInward"
  FROM providers AS p LEFT JOIN balances AS b ON b.holder = p.provider
    LEFT JOIN moved AS m ON m.holder = p.provider LEFT JOIN reported AS r ON r.provider = p.provider
  ORDER BY p.provider`;

/** Balances that are not the sum of their entries. */
export const TAMPERED = `WITH sums AS (
    SELECT kind, holder, sum(amount) AS total FROM entries GROUP BY kind, holder
  )
  SELECT coalesce(a.kind, s.kind) AS account, coalesce(a.holder, s.holder) AS holder, '' AS posting,
    coalesce(a.balance, 0) - coalesce(s.total, 0) AS off
  FROM accounts AS a FULL JOIN sums AS s ON s.kind = a.kind AND s.holder = a.holder
  WHERE coalesce(a.balance, 0) <> coalesce(s.total, 0) ORDER BY 1, 2`;

/** Entries that are not what their order, allowance, window or payment stands for, or are missing. */
export const EXPECTED_OFF = `WITH stands AS (
    SELECT kind AS operation, encode(order_id, 'hex') AS reference, 'issuance' AS account, '' AS holder,
      CASE kind WHEN 'issue' THEN -amount ELSE amount END AS amount
    FROM orders WHERE kind IN ('issue', 'redeem')
    UNION ALL SELECT kind, encode(order_id, 'hex'), 'reserves', provider,
      CASE kind WHEN 'issue' THEN amount ELSE -amount END
    FROM orders WHERE kind IN ('issue', 'redeem')
    UNION ALL SELECT 'allowance', provider || '/' || n, 'reserves', provider, before - amount
    FROM allowances
    UNION ALL SELECT 'allowance', provider || '/' || n, 'prefund', provider, amount - before
    FROM allowances
    UNION ALL SELECT 'payment', payer_provider || '/' || encode(instruction, 'hex'), 'reserves',
      payer_provider, -amount FROM payments WHERE state <> 'refused'
    UNION ALL SELECT 'payment', payer_provider || '/' || encode(instruction, 'hex'), 'reserves',
      payee_provider, amount FROM payments WHERE state <> 'refused'
    UNION ALL SELECT 'return', payer_provider || '/' || encode(instruction, 'hex'), 'reserves',
      payer_provider, amount FROM payments WHERE state = 'returned'
    UNION ALL SELECT 'return', payer_provider || '/' || encode(instruction, 'hex'), 'reserves',
      payee_provider, -amount FROM payments WHERE state = 'returned'
    UNION ALL SELECT 'window', settlement_window::text, 'prefund', provider, uncovered - outward
    FROM positions
    UNION ALL SELECT 'window', settlement_window::text, 'loss', provider, -uncovered FROM positions
    UNION ALL SELECT 'window', r.settlement_window::text, 'reserves', r.provider, r.inward
    FROM reports AS r JOIN windows AS w ON w.number = r.settlement_window
    WHERE w.closed_at IS NOT NULL
    UNION ALL SELECT 'window', r.settlement_window::text, 'circulation', '', r.outward - r.inward
    FROM reports AS r JOIN windows AS w ON w.number = r.settlement_window
    WHERE w.closed_at IS NOT NULL
    UNION ALL SELECT 'window', number::text, 'circulation', '', shortfall FROM windows
    UNION ALL SELECT 'window', number::text, 'loss', '', -shortfall FROM windows
  ), expected AS (
    SELECT operation, reference, account, holder, sum(amount) AS amount FROM stands
    GROUP BY operation, reference, account, holder
  )
  SELECT coalesce(n.kind, e.account) AS account, coalesce(n.holder, e.holder) AS holder,
    coalesce(n.operation, e.operation) || ' ' || coalesce(n.reference, e.reference) AS posting,
    coalesce(n.amount, 0) - coalesce(e.amount, 0) AS off
  FROM entries AS n FULL JOIN expected AS e ON e.operation = n.operation
    AND e.reference = n.reference AND e.account = n.kind AND e.holder = n.holder
  WHERE coalesce(n.amount, 0) <> coalesce(e.amount, 0) ORDER BY 3, 1, 2`;
