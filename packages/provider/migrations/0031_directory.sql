-- Where other providers are reached: the newest entry of each that the central bank's directory had, as it was signed (§16.5).

CREATE TABLE provider_entries (
  provider text PRIMARY KEY,
  sequence bigint NOT NULL CHECK (sequence > 0),
  entry bytea NOT NULL
);
COMMENT ON TABLE provider_entries IS 'reference: the newest entry of each other provider';
