-- Which devices there are, what may run on them, and what was sent to them. Ids, times and random bytes come from the
-- application.

CREATE TABLE devices (
  device_id bytea PRIMARY KEY CHECK (octet_length(device_id) = 32),
  certificate bytea NOT NULL,
  enrolled_at bigint NOT NULL,
  revoked_at bigint,
  -- What the device last said is installed on it.
  ta_version bigint,
  ta_measurement bytea CHECK (octet_length(ta_measurement) = 32),
  reported_at bigint,
  CHECK ((reported_at IS NULL) = (ta_version IS NULL)),
  CHECK ((reported_at IS NULL) = (ta_measurement IS NULL))
);
COMMENT ON TABLE devices IS 'distributed by device_id: enrolled devices, never deleted';

CREATE TABLE offers (
  device_id bytea NOT NULL CHECK (octet_length(device_id) = 32),
  -- With which the device reports that it has installed the release.
  nonce bytea NOT NULL CHECK (octet_length(nonce) = 16),
  uuid bytea NOT NULL CHECK (octet_length(uuid) = 16),
  version bigint NOT NULL,
  measurement bytea NOT NULL CHECK (octet_length(measurement) = 32),
  offered_at bigint NOT NULL,
  installed_at bigint,
  PRIMARY KEY (device_id, nonce)
);
COMMENT ON TABLE offers IS 'distributed by device_id: updates sealed for a device, and whether it has installed them';

CREATE TABLE releases (
  uuid bytea NOT NULL CHECK (octet_length(uuid) = 16),
  version bigint NOT NULL CHECK (version > 0),
  measurement bytea NOT NULL CHECK (octet_length(measurement) = 32),
  size bigint NOT NULL CHECK (size > 0),
  minimum_version bigint NOT NULL CHECK (minimum_version > 0),
  manifest bytea NOT NULL,
  endorsement bytea NOT NULL,
  module bytea NOT NULL,
  published_at bigint NOT NULL,
  withdrawn_at bigint,
  PRIMARY KEY (uuid, version),
  CHECK (octet_length(module) = size)
);
COMMENT ON TABLE releases IS 'reference: releases of trusted applications, never deleted';
