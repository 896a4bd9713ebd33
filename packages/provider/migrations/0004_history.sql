-- What TAs and wallets report, kept as it was signed.

CREATE TABLE synced_payments (
  client_id bytea NOT NULL,
  ta_id bytea NOT NULL,
  j bigint NOT NULL CHECK (j BETWEEN 1 AND 4294967295),
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  receiver bytea NOT NULL CHECK (octet_length(receiver) = 32),
  receiver_class text NOT NULL CHECK (receiver_class IN ('ta', 'wallet')),
  amount numeric(20, 0) NOT NULL CHECK (amount BETWEEN 1 AND 18446744073709551615),
  payment bytea NOT NULL,
  PRIMARY KEY (client_id, ta_id, j),
  FOREIGN KEY (client_id, ta_id) REFERENCES tas (client_id, ta_id)
);
COMMENT ON TABLE synced_payments IS 'distributed by client_id (the sender): payments that a TA has made';

CREATE TABLE outcomes (
  client_id bytea NOT NULL,
  -- Who signed: a payee's TA or wallet, or a provider; and what about: a request's number, or (sender, index).
  signer bytea NOT NULL,
  subject bytea NOT NULL,
  kind text NOT NULL CHECK (kind IN ('collected', 'void', 'claimed', 'never-settled', 'received')),
  -- The payment that it names; a void names none.
  sender bytea,
  j bigint,
  payload bytea NOT NULL,
  message bytea NOT NULL,
  PRIMARY KEY (client_id, signer, subject),
  CHECK ((kind = 'void') = (sender IS NULL)),
  CHECK ((sender IS NULL) = (j IS NULL))
);
CREATE INDEX outcomes_by_payment ON outcomes (client_id, sender, j);
COMMENT ON TABLE outcomes IS 'distributed by client_id: outcomes that a wallet has brought';

CREATE TABLE syncs (
  client_id bytea NOT NULL,
  ta_id bytea NOT NULL,
  nonce bytea NOT NULL CHECK (octet_length(nonce) = 16),
  request bytea NOT NULL,
  -- What the sync changed in the ledger, where both sides had lost each other.
  deposits_adjusted numeric(39, 0) NOT NULL,
  withdrawals_adjusted numeric(39, 0) NOT NULL,
  synced_at bigint NOT NULL,
  PRIMARY KEY (client_id, ta_id, nonce),
  FOREIGN KEY (client_id, ta_id) REFERENCES tas (client_id, ta_id)
);
COMMENT ON TABLE syncs IS 'distributed by client_id: what TAs have said about themselves';

CREATE TABLE evidence (
  client_id bytea NOT NULL,
  -- Two signed messages, or one and a digest of ours, that cannot both be the work of a sound TA.
  kind text NOT NULL CHECK (kind IN (
    'payment-fork', 'withdrawal-conflict', 'outcome-conflict', 'deposit-conflict', 'inconsistent-totals')),
  digest bytea NOT NULL CHECK (octet_length(digest) = 32),
  ta_id bytea NOT NULL,
  first bytea,
  second bytea NOT NULL,
  found_at bigint NOT NULL,
  PRIMARY KEY (client_id, kind, digest)
);
COMMENT ON TABLE evidence IS 'distributed by client_id: proofs of broken TAs, for people to look at';
