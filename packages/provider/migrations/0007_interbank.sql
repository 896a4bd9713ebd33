-- Online payments between clients of different providers (protocol document §11 and §15).

-- Paid to clients of other providers, less what came from them: over all clients of all providers, what is on its way.
ALTER TABLE accounts ADD COLUMN interbank numeric(39, 0) NOT NULL DEFAULT 0;
ALTER TABLE accounts DROP CONSTRAINT accounts_check;
ALTER TABLE accounts
  ADD CHECK (online + suspense + offline + clearing + interbank + reserves + loss = 0);

ALTER TABLE transfers
  DROP CONSTRAINT transfers_operation_check,
  DROP CONSTRAINT transfers_debit_check,
  DROP CONSTRAINT transfers_credit_check;
ALTER TABLE transfers
  ADD CHECK (operation IN (
    'funding', 'deposit', 'refund', 'withdrawal', 'claim', 'payment-sent', 'payment-received',
    'retirement', 'reconciliation', 'release', 'interbank-sent', 'interbank-returned',
    'interbank-received')),
  ADD CHECK (debit IN ('online', 'suspense', 'offline', 'clearing', 'interbank', 'reserves', 'loss')),
  ADD CHECK (credit IN ('online', 'suspense', 'offline', 'clearing', 'interbank', 'reserves', 'loss'));

ALTER TABLE orders
  -- The payee's provider, where it is another one.
  ADD COLUMN provider text CHECK (provider ~ '^[a-z0-9-]{1,8}$'),
  -- Which payment between providers this is.
  ADD COLUMN instruction bytea CHECK (octet_length(instruction) = 16),
  -- 'pending' until the central bank has carried it out; 'returned' if the money came back.
  ADD COLUMN status text NOT NULL DEFAULT 'settled'
    CHECK (status IN ('pending', 'settled', 'returned')),
  -- Why it came back: a refusal's code.
  ADD COLUMN reason text,
  ADD CHECK ((provider IS NULL) = (instruction IS NULL)),
  ADD CHECK (provider IS NOT NULL OR status = 'settled'),
  ADD CHECK ((status = 'returned') = (reason IS NOT NULL));
-- The outbox.
CREATE INDEX orders_pending ON orders (client_id, order_id) WHERE status = 'pending';

CREATE TABLE advices (
  number bigint PRIMARY KEY CHECK (number BETWEEN 1 AND 4294967295),
  kind text NOT NULL CHECK (kind IN ('payment', 'return')),
  -- Whom it credits here: the payee, or the payer whose payment came back.
  client bytea NOT NULL CHECK (octet_length(client) = 32),
  -- The other side.
  party bytea NOT NULL CHECK (octet_length(party) = 32),
  provider text NOT NULL CHECK (provider ~ '^[a-z0-9-]{1,8}$'),
  instruction bytea NOT NULL CHECK (octet_length(instruction) = 16),
  amount numeric(20, 0) NOT NULL CHECK (amount BETWEEN 1 AND 18446744073709551615),
  -- 'refused': nobody here can have it, and it has to go back; 'unmatched': it came back for an order that a restored
  -- ledger no longer has, whose payer was never debited in it.
  status text NOT NULL CHECK (status IN ('credited', 'refused', 'returned', 'unmatched')),
  reason text,
  message bytea NOT NULL,
  booked_at bigint NOT NULL,
  CHECK (status NOT IN ('refused', 'returned') OR (kind = 'payment' AND reason IS NOT NULL)),
  CHECK (status <> 'unmatched' OR kind = 'return')
);
CREATE INDEX advices_to_return ON advices (number) WHERE status = 'refused';
COMMENT ON TABLE advices IS 'local: what the central bank has advised, in order, and what became of it';
