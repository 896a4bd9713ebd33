-- What the central bank has said about certificates of revoked keys (protocol document §16.3.5), so that it is asked once.
CREATE TABLE reported_certificates (
  digest bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
  -- When the first report that names it was accepted. NULL: there was none when this was asked.
  accepted_at bigint CHECK (accepted_at BETWEEN 0 AND 4294967295),
  asked_at bigint NOT NULL CHECK (asked_at BETWEEN 0 AND 4294967295)
);
COMMENT ON TABLE reported_certificates IS 'distributed by digest: when certificates under revoked keys were reported to the central bank';
