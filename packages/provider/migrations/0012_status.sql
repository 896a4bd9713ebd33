-- Who is revoked, what the published list says of it, and what waits for a person (protocol document §18).

CREATE TABLE status_directory (
  status_index bigint PRIMARY KEY CHECK (status_index BETWEEN 0 AND 4294967295),
  client_id bytea NOT NULL
);
COMMENT ON TABLE status_directory IS 'distributed by status_index: whose index in the status list this is';

CREATE TABLE status_indices (
  client_id bytea NOT NULL,
  -- The client itself or one of its TAs.
  subject bytea NOT NULL CHECK (octet_length(subject) = 32),
  status_index bigint NOT NULL CHECK (status_index BETWEEN 0 AND 4294967295),
  PRIMARY KEY (client_id, subject)
);
COMMENT ON TABLE status_indices IS 'distributed by client_id: the index that all certificates of a holder carry';

CREATE TABLE revocations (
  client_id bytea NOT NULL REFERENCES clients (client_id),
  subject bytea NOT NULL CHECK (octet_length(subject) = 32),
  -- A holder that never had an index is on no list; its claims go to review all the same.
  status_index bigint CHECK (status_index BETWEEN 0 AND 4294967295),
  reason text NOT NULL CHECK (reason IN ('lost', 'broken', 'other')),
  -- Payments of this TA up to this index were known when it was revoked.
  stored bigint NOT NULL CHECK (stored >= 0),
  -- The last second of its certificates; 30 days later it leaves the list.
  expires bigint NOT NULL,
  -- The epoch of the first list that names it.
  epoch bigint CHECK (epoch > 0),
  revoked_at bigint NOT NULL,
  PRIMARY KEY (client_id, subject)
);
COMMENT ON TABLE revocations IS 'distributed by client_id: wallets and TAs that were revoked';

CREATE TABLE status_lists (
  issuer text PRIMARY KEY,
  epoch bigint NOT NULL CHECK (epoch BETWEEN 1 AND 4294967295),
  issued_at bigint NOT NULL,
  -- Rises with every change of the list's chunks.
  version bigint NOT NULL CHECK (version > 0)
);
COMMENT ON TABLE status_lists IS 'reference: the newest epoch of the own status list, and of others that were brought';

CREATE TABLE status_chunks (
  issuer text NOT NULL REFERENCES status_lists (issuer),
  first_index bigint NOT NULL CHECK (first_index BETWEEN 0 AND 4294967295),
  last_index bigint NOT NULL CHECK (last_index BETWEEN first_index AND 4294967295),
  epoch bigint NOT NULL CHECK (epoch BETWEEN 1 AND 4294967295),
  message bytea NOT NULL,
  PRIMARY KEY (issuer, first_index, last_index)
);
COMMENT ON TABLE status_chunks IS 'reference: signed chunks of status lists, as they are handed out';

CREATE TABLE revoked_keys (
  key_id bytea PRIMARY KEY CHECK (octet_length(key_id) = 8),
  -- The last second at which it was believed.
  since bigint NOT NULL CHECK (since BETWEEN 0 AND 4294967295),
  ordered_at bigint NOT NULL
);
COMMENT ON TABLE revoked_keys IS 'reference: keys of institutions that are believed for nothing later';

CREATE TABLE claim_reviews (
  -- The receiver.
  client_id bytea NOT NULL,
  sender bytea NOT NULL CHECK (octet_length(sender) = 32),
  j bigint NOT NULL CHECK (j BETWEEN 1 AND 4294967295),
  amount numeric(20, 0) NOT NULL CHECK (amount BETWEEN 1 AND 18446744073709551615),
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  payment bytea NOT NULL,
  brought_at bigint NOT NULL,
  PRIMARY KEY (client_id, sender, j)
);
COMMENT ON TABLE claim_reviews IS 'distributed by client_id (the receiver): payments of revoked TAs that wait for a decision';

CREATE TABLE refund_reviews (
  client_id bytea NOT NULL,
  ta_id bytea NOT NULL,
  j bigint NOT NULL CHECK (j BETWEEN 1 AND 4294967295),
  amount numeric(20, 0) NOT NULL CHECK (amount BETWEEN 1 AND 18446744073709551615),
  payment bytea NOT NULL,
  outcome bytea NOT NULL,
  brought_at bigint NOT NULL,
  released_at bigint,
  PRIMARY KEY (client_id, ta_id, j)
);
COMMENT ON TABLE refund_reviews IS 'distributed by client_id (the payer): refunds to revoked TAs, and since when they are released';
