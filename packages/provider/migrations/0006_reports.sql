-- What a report needs to be sent (protocol document §15.4), and what bounds the provider between two reports.

-- Certificates and confirmations in the cut: the pages of one report hold only so many.
ALTER TABLE cuts ADD COLUMN digests bigint NOT NULL DEFAULT 0 CHECK (digests >= 0);

-- The central bank's settlement window that an accepted report is in.
ALTER TABLE reports ADD COLUMN window_number bigint CHECK (window_number BETWEEN 0 AND 4294967295);
ALTER TABLE reports ADD CHECK ((status = 'accepted') = (window_number IS NOT NULL));

-- As reports name a confirmation: over the TA's id and the payload.
UPDATE deposits SET digest = sha256(ta_id || payload) WHERE payload IS NOT NULL;

-- What all clients together may still do: deposit, by the central bank's allowance; be funded, by the reserves. One row
-- would be everybody's, so each bound is in a few shares.
CREATE TABLE shares (
  share smallint NOT NULL CHECK (share >= 0),
  purpose text NOT NULL CHECK (purpose IN ('deposit', 'funding')),
  -- In total, ever; what has happened already cannot be refused afterwards, so `used` may be more.
  granted numeric(39, 0) NOT NULL CHECK (granted >= 0),
  used numeric(39, 0) NOT NULL CHECK (used >= 0),
  PRIMARY KEY (share, purpose)
);
COMMENT ON TABLE shares IS 'distributed by share: parts of what all clients together may do';

-- What the central bank has said last, as it was signed.
CREATE TABLE central_bank_words (
  kind text PRIMARY KEY CHECK (kind IN ('statement', 'allowance')),
  message bytea NOT NULL,
  heard_at bigint NOT NULL
);
COMMENT ON TABLE central_bank_words IS 'local: the newest statement and allowance of the central bank';
