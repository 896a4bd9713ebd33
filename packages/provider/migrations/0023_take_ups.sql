-- A ledger that was restored from a backup goes on after the last report that the central bank has (protocol document §15.4).

-- The report's number at the central bank; a restored ledger's own numbers fall behind it.
ALTER TABLE reports ADD COLUMN n bigint CHECK (n BETWEEN 1 AND 4294967295);
UPDATE reports SET n = number;
ALTER TABLE reports ALTER COLUMN n SET NOT NULL, ADD UNIQUE (n);

CREATE TABLE restores (
  restored_at bigint PRIMARY KEY,
  -- When the reports were compared with the central bank's; NULL: not yet.
  compared_at bigint
);
COMMENT ON TABLE restores IS 'local: when the operator said that the ledger was restored from a backup';

CREATE TABLE take_ups (
  -- The first report after it.
  report bigint PRIMARY KEY REFERENCES reports (number),
  -- The last report that the central bank had, which this ledger has forgotten.
  message bytea NOT NULL,
  window_number bigint NOT NULL CHECK (window_number BETWEEN 0 AND 4294967295),
  -- Deposits that were reported and forgotten, and what of that syncs have brought back.
  outward numeric(39, 0) NOT NULL CHECK (outward >= 0),
  returned numeric(39, 0) NOT NULL DEFAULT 0 CHECK (returned BETWEEN 0 AND outward),
  taken_up_at bigint NOT NULL
);
COMMENT ON TABLE take_ups IS 'local: forgotten reports that a restored ledger goes on after';
