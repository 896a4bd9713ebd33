-- The central bank's ledger, for one currency. Its rows are as many as there are providers, orders, reports and payments between
-- providers, not clients: one node holds them all. Credit is positive: what the central bank owes is above zero, what has
-- paid it in is below.

CREATE TABLE accounts (
  kind text NOT NULL CHECK (kind IN ('issuance', 'circulation', 'reserves', 'prefund', 'loss')),
  -- A provider; empty for the central bank itself.
  holder text NOT NULL CHECK (holder ~ '^[a-z0-9-]{0,8}$'),
  balance numeric(39, 0) NOT NULL DEFAULT 0,
  PRIMARY KEY (kind, holder),
  CHECK (CASE WHEN kind IN ('issuance', 'loss') THEN balance <= 0 ELSE balance >= 0 END),
  CHECK (CASE WHEN kind IN ('issuance', 'circulation') THEN holder = ''
    WHEN kind IN ('reserves', 'prefund') THEN holder <> '' ELSE true END)
);
COMMENT ON TABLE accounts IS 'local: balances; together they are zero';
INSERT INTO accounts (kind, holder) VALUES ('issuance', ''), ('circulation', ''), ('loss', '');

CREATE TABLE postings (
  operation text NOT NULL CHECK (operation IN ('issue', 'redeem', 'allowance', 'window', 'payment', 'return')),
  -- With the operation the idempotency key: the same money never moves twice, whatever the code above believes.
  reference text NOT NULL,
  posted_at bigint NOT NULL,
  PRIMARY KEY (operation, reference)
);
COMMENT ON TABLE postings IS 'local: what moved money, only ever inserted';

CREATE TABLE entries (
  operation text NOT NULL,
  reference text NOT NULL,
  kind text NOT NULL,
  holder text NOT NULL,
  amount numeric(39, 0) NOT NULL CHECK (amount <> 0),
  PRIMARY KEY (operation, reference, kind, holder),
  FOREIGN KEY (operation, reference) REFERENCES postings (operation, reference),
  FOREIGN KEY (kind, holder) REFERENCES accounts (kind, holder)
);
CREATE INDEX entries_by_account ON entries (kind, holder);
COMMENT ON TABLE entries IS 'local: the lines of each posting, which together are zero; only ever inserted';

CREATE TABLE providers (
  provider text PRIMARY KEY CHECK (provider ~ '^[a-z0-9-]{1,8}$'),
  status text NOT NULL CHECK (status IN ('open', 'suspended')),
  -- What its prefund account may hold at most after a raise.
  prefund_limit numeric(20, 0) NOT NULL CHECK (prefund_limit BETWEEN 0 AND 18446744073709551615),
  -- The last one of each.
  allowance bigint NOT NULL DEFAULT 0 CHECK (allowance BETWEEN 0 AND 4294967295),
  report bigint NOT NULL DEFAULT 0 CHECK (report BETWEEN 0 AND 4294967295),
  advice bigint NOT NULL DEFAULT 0 CHECK (advice BETWEEN 0 AND 4294967295)
);
COMMENT ON TABLE providers IS 'local: who has accounts, and how far its numbers have come';

CREATE TABLE orders (
  order_id bytea PRIMARY KEY CHECK (octet_length(order_id) = 16),
  -- SHA-256 of what was ordered.
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  message bytea NOT NULL,
  kind text NOT NULL,
  provider text NOT NULL,
  amount numeric(20, 0) CHECK (amount BETWEEN 0 AND 18446744073709551615),
  carried_out_at bigint NOT NULL
);
COMMENT ON TABLE orders IS 'local: signed orders of the operator that were carried out';

CREATE TABLE allowances (
  provider text NOT NULL REFERENCES providers (provider),
  n bigint NOT NULL CHECK (n BETWEEN 1 AND 4294967295),
  amount numeric(20, 0) NOT NULL CHECK (amount BETWEEN 1 AND 18446744073709551615),
  -- What the one before allowed.
  before numeric(20, 0) NOT NULL CHECK (before BETWEEN 0 AND 18446744073709551615),
  granted_at bigint NOT NULL,
  PRIMARY KEY (provider, n),
  CHECK (amount > before)
);
COMMENT ON TABLE allowances IS 'local: deposit allowances, cumulative; the highest number counts';
