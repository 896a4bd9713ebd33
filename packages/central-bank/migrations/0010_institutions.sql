-- Which keys of institutions are revoked: the newest list of each issuer, as it was signed (§16.3).

CREATE TABLE institution_lists (
  issuer text PRIMARY KEY,
  sequence bigint NOT NULL CHECK (sequence > 0),
  list bytea NOT NULL
);
COMMENT ON TABLE institution_lists IS 'local: the newest status list of the root and of each intermediary';
