CREATE TABLE payments (
  payer_provider text NOT NULL REFERENCES providers (provider),
  instruction bytea NOT NULL CHECK (octet_length(instruction) = 16),
  -- SHA-256 of what was instructed.
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  message bytea NOT NULL,
  payer bytea NOT NULL CHECK (octet_length(payer) = 32),
  payee_provider text NOT NULL,
  payee bytea NOT NULL CHECK (octet_length(payee) = 32),
  amount numeric(20, 0) NOT NULL CHECK (amount BETWEEN 1 AND 18446744073709551615),
  state text NOT NULL CHECK (state IN ('settled', 'refused', 'returned')),
  -- Why it was refused or returned.
  reason text CHECK ((reason IS NULL) = (state = 'settled')),
  instructed_at bigint NOT NULL,
  PRIMARY KEY (payer_provider, instruction)
);
COMMENT ON TABLE payments IS 'local: payments between providers; a settled one may be returned, once';

CREATE TABLE advices (
  provider text NOT NULL REFERENCES providers (provider),
  n bigint NOT NULL CHECK (n BETWEEN 1 AND 4294967295),
  kind text NOT NULL CHECK (kind IN ('payment', 'return')),
  payer_provider text NOT NULL,
  instruction bytea NOT NULL,
  PRIMARY KEY (provider, n),
  UNIQUE (kind, payer_provider, instruction),
  FOREIGN KEY (payer_provider, instruction) REFERENCES payments (payer_provider, instruction)
);
COMMENT ON TABLE advices IS 'local: what each provider is told about payments, only ever inserted';
