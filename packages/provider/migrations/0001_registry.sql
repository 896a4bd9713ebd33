-- Who is registered (Figures 2 and 3). Every table but the two directories is distributed by client_id, so that
-- whatever one client's operation touches lies on one node; ids, times and random bytes come from the application.

CREATE TABLE clients (
  client_id bytea PRIMARY KEY CHECK (octet_length(client_id) = 32),
  public_key bytea NOT NULL CHECK (octet_length(public_key) = 33),
  serial bigint NOT NULL CHECK (serial > 0),
  certificate bytea NOT NULL,
  registered_at bigint NOT NULL
);
COMMENT ON TABLE clients IS 'distributed by client_id: a wallet id, its key and its newest certificate';

CREATE TABLE tas (
  client_id bytea NOT NULL REFERENCES clients (client_id),
  ta_id bytea NOT NULL CHECK (octet_length(ta_id) = 32),
  public_key bytea NOT NULL CHECK (octet_length(public_key) = 33),
  device_id bytea NOT NULL CHECK (octet_length(device_id) = 32),
  status text NOT NULL CHECK (status IN ('active', 'retired')),
  serial bigint NOT NULL CHECK (serial > 0),
  certificate bytea NOT NULL,
  limits_profile bytea NOT NULL,
  -- S.d and S.w: the last confirmation issued, the last withdrawal credited.
  d bigint NOT NULL DEFAULT 0 CHECK (d >= 0),
  w bigint NOT NULL DEFAULT 0 CHECK (w >= 0),
  -- Every payment of this TA up to this index is in synced_payments.
  stored bigint NOT NULL DEFAULT 0 CHECK (stored >= 0),
  -- The ledger may be older than this TA: its client only reads until a sync that is younger than this time has
  -- compared both.
  read_only_since bigint,
  unlock_wanted boolean NOT NULL DEFAULT false,
  -- The sync whose answer unlocks the PIN.
  unlock_nonce bytea,
  registered_at bigint NOT NULL,
  PRIMARY KEY (client_id, ta_id)
);
COMMENT ON TABLE tas IS 'distributed by client_id: the TAs of a client and where both sequences stand';

CREATE TABLE certificates (
  client_id bytea NOT NULL REFERENCES clients (client_id),
  subject bytea NOT NULL,
  serial bigint NOT NULL CHECK (serial > 0),
  certificate bytea NOT NULL,
  issued_at bigint NOT NULL,
  PRIMARY KEY (client_id, subject, serial)
);
COMMENT ON TABLE certificates IS 'distributed by client_id: every certificate ever issued, to wallets and TAs';

CREATE TABLE used_nonces (
  client_id bytea NOT NULL REFERENCES clients (client_id),
  nonce bytea NOT NULL,
  -- SHA-256 of the request that spent it: a retry of that request is no replay.
  used_by bytea NOT NULL,
  expires bigint NOT NULL,
  PRIMARY KEY (client_id, nonce)
);
COMMENT ON TABLE used_nonces IS 'distributed by client_id: challenges that were answered and have not expired';

-- A key or a device belongs to one client of all clients. A unique index over all clients cannot exist when they are
-- spread by client_id; a table spread by the very thing that must be unique needs no more than its primary key.

CREATE TABLE ta_directory (
  ta_id bytea PRIMARY KEY CHECK (octet_length(ta_id) = 32),
  client_id bytea NOT NULL
);
COMMENT ON TABLE ta_directory IS 'distributed by ta_id: whose TA this is, for ever';

CREATE TABLE device_directory (
  device_id bytea PRIMARY KEY CHECK (octet_length(device_id) = 32),
  client_id bytea NOT NULL
);
COMMENT ON TABLE device_directory IS 'distributed by device_id: whose device this is, until its TA is retired';
