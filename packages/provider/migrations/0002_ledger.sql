-- Money. One row of accounts holds all accounts of one client, those of the house as well, so that no row is
-- everybody's; locking it is what makes a client's operations one after the other. Credit is positive.

CREATE TABLE accounts (
  client_id bytea PRIMARY KEY REFERENCES clients (client_id),
  status text NOT NULL CHECK (status IN ('open', 'frozen', 'closed')),
  -- What the provider owes the client: onBal, and what arrived while the account was frozen or closed.
  online numeric(39, 0) NOT NULL DEFAULT 0 CHECK (online >= 0),
  suspense numeric(39, 0) NOT NULL DEFAULT 0 CHECK (suspense >= 0),
  -- Offline circulation that went out through this client, less what came back: negative for a payee.
  offline numeric(39, 0) NOT NULL DEFAULT 0,
  -- Between two clients of this provider; zero over all clients.
  clearing numeric(39, 0) NOT NULL DEFAULT 0,
  -- What the provider's reserves and its losses have paid in: never above zero.
  reserves numeric(39, 0) NOT NULL DEFAULT 0 CHECK (reserves <= 0),
  loss numeric(39, 0) NOT NULL DEFAULT 0 CHECK (loss <= 0),
  -- Of the client's last transfer.
  sequence bigint NOT NULL DEFAULT 0 CHECK (sequence >= 0),
  -- Supply identity: what is owed is what was paid in.
  CHECK (online + suspense + offline + clearing + reserves + loss = 0)
) WITH (fillfactor = 50);
COMMENT ON TABLE accounts IS 'distributed by client_id: balances of a client, and of the house towards it';

CREATE TABLE transfers (
  client_id bytea NOT NULL,
  sequence bigint NOT NULL CHECK (sequence > 0),
  operation text NOT NULL CHECK (operation IN (
    'funding', 'deposit', 'refund', 'withdrawal', 'claim', 'payment-sent', 'payment-received',
    'retirement', 'reconciliation', 'release')),
  -- Whom it concerns (a TA, another client; empty for nobody), and its number or id there. Together with the
  -- operation this is the idempotency key: the same money never moves twice, whatever the code above believes.
  party bytea NOT NULL,
  reference bytea NOT NULL,
  debit text NOT NULL CHECK (debit IN ('online', 'suspense', 'offline', 'clearing', 'reserves', 'loss')),
  credit text NOT NULL CHECK (credit IN ('online', 'suspense', 'offline', 'clearing', 'reserves', 'loss')),
  amount numeric(20, 0) NOT NULL CHECK (amount BETWEEN 1 AND 18446744073709551615),
  posted_at bigint NOT NULL,
  PRIMARY KEY (client_id, sequence),
  UNIQUE (client_id, operation, party, reference),
  -- A refund moves money between a request and a TA, both offline.
  CHECK (debit <> credit OR operation = 'refund')
);
COMMENT ON TABLE transfers IS 'distributed by client_id: double entry, one row per movement, only ever inserted';

CREATE TABLE operator_orders (
  client_id bytea NOT NULL REFERENCES accounts (client_id),
  order_id bytea NOT NULL CHECK (octet_length(order_id) = 16),
  -- SHA-256 of what was ordered.
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  message bytea NOT NULL,
  carried_out_at bigint NOT NULL,
  PRIMARY KEY (client_id, order_id)
);
COMMENT ON TABLE operator_orders IS 'distributed by client_id: signed orders of the operator that were carried out';

CREATE TABLE orders (
  client_id bytea NOT NULL REFERENCES accounts (client_id),
  order_id bytea NOT NULL CHECK (octet_length(order_id) = 16),
  receiver bytea NOT NULL CHECK (octet_length(receiver) = 32),
  amount numeric(20, 0) NOT NULL CHECK (amount BETWEEN 1 AND 18446744073709551615),
  message bytea NOT NULL,
  sequence bigint NOT NULL,
  posted_at bigint NOT NULL,
  PRIMARY KEY (client_id, order_id)
);
COMMENT ON TABLE orders IS 'distributed by client_id (the payer): online payments that were carried out';
