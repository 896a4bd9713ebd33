-- Payments to clients of other providers that a restored ledger has forgotten and the central bank has told of again
-- (protocol document §15.7).

-- When that was asked for; NULL: not yet.
ALTER TABLE restores ADD COLUMN payments_known_at bigint;

CREATE TABLE forgotten_payments (
  -- The payer; it may be a client whom the backup has not seen either.
  client_id bytea NOT NULL CHECK (octet_length(client_id) = 32),
  instruction bytea NOT NULL CHECK (octet_length(instruction) = 16),
  provider text NOT NULL CHECK (provider ~ '^[a-z0-9-]{1,8}$'),
  receiver bytea NOT NULL CHECK (octet_length(receiver) = 32),
  -- Out of the client's balance, and out of the provider's loss: on the client's accounts, or without an account.
  covered numeric(20, 0) NOT NULL CHECK (covered BETWEEN 0 AND 18446744073709551615),
  lost numeric(20, 0) NOT NULL CHECK (lost BETWEEN 0 AND 18446744073709551615),
  has_account boolean NOT NULL,
  status text NOT NULL CHECK (status IN ('settled', 'returned')),
  reason text,
  -- Of the client's last transfer for it; 0: none.
  sequence bigint NOT NULL CHECK (sequence >= 0),
  message bytea NOT NULL,
  booked_at bigint NOT NULL,
  PRIMARY KEY (client_id, instruction),
  CHECK (covered + lost > 0),
  CHECK (has_account OR covered = 0),
  CHECK ((status = 'returned') = (reason IS NOT NULL))
);
COMMENT ON TABLE forgotten_payments IS 'distributed by client_id (the payer): payments abroad of before a restore, booked on the central bank''s word';

ALTER TABLE transfers DROP CONSTRAINT transfers_operation_check;
ALTER TABLE transfers
  ADD CONSTRAINT transfers_operation_check CHECK (operation IN (
    'funding', 'deposit', 'refund', 'withdrawal', 'claim', 'payment-sent', 'payment-received',
    'retirement', 'reconciliation', 'release', 'interbank-sent', 'interbank-returned',
    'interbank-received', 'forgotten-payment', 'forgotten-loss', 'forgotten-returned',
    'forgotten-recovered'));
