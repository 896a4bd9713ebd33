CREATE TABLE windows (
  number bigint PRIMARY KEY CHECK (number BETWEEN 1 AND 4294967295),
  -- NULL: open. Exactly the last one is.
  closed_at bigint,
  -- By how much circulation would have fallen below zero: the central bank's loss.
  shortfall numeric(39, 0) NOT NULL DEFAULT 0 CHECK (shortfall >= 0)
);
COMMENT ON TABLE windows IS 'local: settlement windows';
INSERT INTO windows (number) VALUES (1);

CREATE TABLE reports (
  provider text NOT NULL REFERENCES providers (provider),
  n bigint NOT NULL CHECK (n BETWEEN 1 AND 4294967295),
  settlement_window bigint NOT NULL REFERENCES windows (number),
  -- SHA-256 of the payload.
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  message bytea NOT NULL,
  outward numeric(39, 0) NOT NULL CHECK (outward >= 0),
  inward numeric(39, 0) NOT NULL CHECK (inward >= 0),
  accepted_at bigint NOT NULL,
  PRIMARY KEY (provider, n)
);
CREATE INDEX reports_by_window ON reports (settlement_window, provider);
COMMENT ON TABLE reports IS 'local: what providers have reported, only ever inserted';

CREATE TABLE conflicting_reports (
  provider text NOT NULL REFERENCES providers (provider),
  n bigint NOT NULL,
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  message bytea NOT NULL,
  arrived_at bigint NOT NULL,
  PRIMARY KEY (provider, n, digest)
);
COMMENT ON TABLE conflicting_reports IS 'local: evidence of two reports with one number';

CREATE TABLE reported_digests (
  provider text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('certificate', 'confirmation')),
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  -- The first report that names it.
  report bigint NOT NULL,
  PRIMARY KEY (provider, kind, digest),
  FOREIGN KEY (provider, report) REFERENCES reports (provider, n)
);
COMMENT ON TABLE reported_digests IS 'local: certificates and deposit confirmations that providers have reported';

CREATE TABLE positions (
  settlement_window bigint NOT NULL REFERENCES windows (number),
  provider text NOT NULL REFERENCES providers (provider),
  -- The last report settled with the window.
  report bigint NOT NULL,
  outward numeric(39, 0) NOT NULL CHECK (outward >= 0),
  inward numeric(39, 0) NOT NULL CHECK (inward >= 0),
  uncovered numeric(39, 0) NOT NULL CHECK (uncovered BETWEEN 0 AND outward),
  reserves numeric(39, 0) NOT NULL CHECK (reserves >= 0),
  prefund numeric(39, 0) NOT NULL CHECK (prefund >= 0),
  PRIMARY KEY (settlement_window, provider)
);
COMMENT ON TABLE positions IS 'local: what each closed window came to for each provider that reported';
