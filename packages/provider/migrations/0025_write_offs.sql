-- What a restore has lost and the operator has given up (protocol document §15.4): the provider's own loss, until a sync
-- brings it back after all.

ALTER TABLE take_ups
  ADD COLUMN written_off numeric(39, 0) NOT NULL DEFAULT 0,
  ADD CHECK (written_off BETWEEN 0 AND outward - returned);

CREATE TABLE write_off_orders (
  order_id bytea PRIMARY KEY CHECK (octet_length(order_id) = 16),
  -- SHA-256 of what was ordered.
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  message bytea NOT NULL,
  amount numeric(20, 0) NOT NULL CHECK (amount BETWEEN 1 AND 18446744073709551615),
  carried_out_at bigint NOT NULL
);
COMMENT ON TABLE write_off_orders IS 'local: signed orders of the operator that wrote off what a restore had lost';

CREATE TABLE house_transfers (
  operation text NOT NULL CHECK (operation IN ('write-off', 'recovery')),
  -- The order's id; or the TA and the nonce of the sync that brought it back.
  reference bytea NOT NULL,
  -- What was forgotten with this one.
  take_up bigint NOT NULL REFERENCES take_ups (report),
  debit text NOT NULL,
  credit text NOT NULL,
  amount numeric(39, 0) NOT NULL CHECK (amount > 0),
  -- The report that counts it; NULL: none yet.
  report bigint CHECK (report > 0),
  posted_at bigint NOT NULL,
  PRIMARY KEY (operation, reference, take_up),
  CHECK ((operation = 'write-off') = (debit = 'loss' AND credit = 'offline')),
  CHECK ((operation = 'recovery') = (debit = 'offline' AND credit = 'loss'))
);
CREATE INDEX house_transfers_to_report ON house_transfers (report);
COMMENT ON TABLE house_transfers IS 'local: double entry of what belongs to no client that is known, only ever inserted';
