-- Where providers are reached by one another: the newest entry of each, as it signed it (§16.5).

CREATE TABLE directory (
  provider text PRIMARY KEY REFERENCES providers (provider),
  sequence bigint NOT NULL CHECK (sequence > 0),
  -- The last second at which the entry counts. One that has ended stays: nothing older comes back after it.
  ends bigint NOT NULL,
  payload bytea NOT NULL,
  entry bytea NOT NULL
);
COMMENT ON TABLE directory IS 'local: the newest entry of each provider';
