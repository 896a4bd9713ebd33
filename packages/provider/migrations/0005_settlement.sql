-- Settlement with the central bank (protocol document §15). A report says what moved since the one before it; which
-- report a movement belongs to follows from its number in the client's ledger, never from a time.

-- Through which transfer the client's movements are in reports, and which report was the last to take any.
ALTER TABLE accounts
  ADD COLUMN cut_report bigint NOT NULL DEFAULT 0 CHECK (cut_report >= 0),
  ADD COLUMN cut_sequence bigint NOT NULL DEFAULT 0 CHECK (cut_sequence >= 0),
  ADD CHECK (cut_sequence <= sequence);

CREATE TABLE reports (
  number bigint PRIMARY KEY CHECK (number BETWEEN 1 AND 4294967295),
  -- While it is 'cutting', clients are added to it; then what it holds never changes again.
  status text NOT NULL CHECK (status IN ('cutting', 'cut', 'accepted')),
  -- Signed once: whoever asks again gets the same bytes.
  message bytea,
  -- What the central bank has answered.
  statement bytea,
  cut_at bigint,
  CHECK ((status = 'cutting') = (cut_at IS NULL)),
  CHECK (status <> 'cutting' OR message IS NULL),
  CHECK (status <> 'accepted' OR message IS NOT NULL),
  CHECK ((status = 'accepted') = (statement IS NOT NULL))
);
COMMENT ON TABLE reports IS 'local: settlement reports to the central bank, in order; one of them at most is not accepted';

CREATE TABLE cuts (
  client_id bytea NOT NULL REFERENCES accounts (client_id),
  report bigint NOT NULL CHECK (report > 0),
  -- Its transfers after the one number, through the other.
  after_sequence bigint NOT NULL CHECK (after_sequence >= 0),
  through_sequence bigint NOT NULL,
  PRIMARY KEY (client_id, report),
  CHECK (after_sequence <= through_sequence)
);
CREATE INDEX cuts_by_report ON cuts (report, client_id);
COMMENT ON TABLE cuts IS 'distributed by client_id: which transfers of a client each report has counted';

CREATE TABLE cut_totals (
  client_id bytea NOT NULL,
  report bigint NOT NULL,
  operation text NOT NULL,
  debit text NOT NULL,
  credit text NOT NULL,
  transfers bigint NOT NULL CHECK (transfers > 0),
  amount numeric(39, 0) NOT NULL CHECK (amount > 0),
  PRIMARY KEY (client_id, report, operation, debit, credit),
  FOREIGN KEY (client_id, report) REFERENCES cuts (client_id, report)
);
CREATE INDEX cut_totals_by_report ON cut_totals (report);
COMMENT ON TABLE cut_totals IS 'distributed by client_id: what these transfers come to, by kind';

-- The report that tells the central bank of a certificate; NULL: none yet.
ALTER TABLE certificates ADD COLUMN report bigint CHECK (report > 0);
CREATE INDEX certificates_by_report ON certificates (report, client_id);

-- SHA-256 of the payload, kept also where the payload of a confirmation was lost to a gap.
ALTER TABLE deposits ADD COLUMN digest bytea CHECK (octet_length(digest) = 32);
UPDATE deposits SET digest = sha256(payload) WHERE payload IS NOT NULL;
ALTER TABLE deposits ADD CHECK (payload IS NULL OR digest IS NOT NULL), ADD CHECK (total >= 0);
ALTER TABLE withdrawals ADD CHECK (total >= 0);

-- What an order of the operator has moved, for the audit of transfers against orders.
ALTER TABLE operator_orders
  ADD COLUMN amount numeric(20, 0) CHECK (amount BETWEEN 1 AND 18446744073709551615);
