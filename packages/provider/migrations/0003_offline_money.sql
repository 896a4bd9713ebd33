-- Where money goes offline and comes back (Figures 5, 6 and 9), each row an operation that happened once.

CREATE TABLE deposits (
  client_id bytea NOT NULL,
  ta_id bytea NOT NULL,
  d bigint NOT NULL CHECK (d BETWEEN 1 AND 4294967295),
  -- 'gap' stands for confirmations that a restored ledger has lost and the TA has applied.
  kind text NOT NULL CHECK (kind IN ('deposit', 'refund', 'gap')),
  amount numeric(20, 0) NOT NULL CHECK (amount BETWEEN 0 AND 18446744073709551615),
  -- The payment that is refunded.
  j bigint CHECK (j BETWEEN 1 AND 4294967295),
  -- What is signed, always the same bytes; the signature is made anew for every answer.
  payload bytea,
  -- Of this TA's confirmations up to and with this one.
  total numeric(39, 0) NOT NULL,
  posted_at bigint NOT NULL,
  PRIMARY KEY (client_id, ta_id, d),
  -- One refund for one payment.
  UNIQUE (client_id, ta_id, j),
  FOREIGN KEY (client_id, ta_id) REFERENCES tas (client_id, ta_id),
  CHECK ((kind = 'refund') = (j IS NOT NULL)),
  CHECK ((kind = 'gap') = (payload IS NULL)),
  CHECK (kind = 'gap' OR amount > 0)
);
COMMENT ON TABLE deposits IS 'distributed by client_id: confirmations to a TA, deposits and refunds';

CREATE TABLE refunds (
  client_id bytea NOT NULL,
  ta_id bytea NOT NULL,
  j bigint NOT NULL,
  payment bytea NOT NULL,
  outcome bytea NOT NULL,
  PRIMARY KEY (client_id, ta_id, j),
  FOREIGN KEY (client_id, ta_id) REFERENCES tas (client_id, ta_id)
);
COMMENT ON TABLE refunds IS 'distributed by client_id: the grounds of each refund';

CREATE TABLE withdrawals (
  client_id bytea NOT NULL,
  ta_id bytea NOT NULL,
  w bigint NOT NULL CHECK (w BETWEEN 1 AND 4294967295),
  -- 'gap' stands for withdrawals that only a sync has told of.
  kind text NOT NULL CHECK (kind IN ('withdrawal', 'gap')),
  amount numeric(20, 0) NOT NULL CHECK (amount BETWEEN 0 AND 18446744073709551615),
  message bytea,
  total numeric(39, 0) NOT NULL,
  posted_at bigint NOT NULL,
  PRIMARY KEY (client_id, ta_id, w),
  FOREIGN KEY (client_id, ta_id) REFERENCES tas (client_id, ta_id),
  CHECK ((kind = 'gap') = (message IS NULL)),
  CHECK (kind = 'gap' OR amount > 0)
);
COMMENT ON TABLE withdrawals IS 'distributed by client_id: withdrawals of a TA that were credited';

CREATE TABLE claims (
  -- The receiver. No foreign key: claims are the hot path, and the account's row is locked whenever one is inserted.
  client_id bytea NOT NULL,
  sender bytea NOT NULL CHECK (octet_length(sender) = 32),
  j bigint NOT NULL CHECK (j BETWEEN 1 AND 4294967295),
  status text NOT NULL CHECK (status IN ('claimed', 'never-settled')),
  amount numeric(20, 0) NOT NULL CHECK (amount BETWEEN 1 AND 18446744073709551615),
  -- Of the payment's signed payload: what makes two payments the same one.
  digest bytea CHECK (octet_length(digest) = 32),
  payment bytea,
  -- The order that declined it.
  decline bytea,
  posted_at bigint NOT NULL,
  PRIMARY KEY (client_id, sender, j),
  CHECK ((payment IS NULL) = (digest IS NULL)),
  CHECK (status <> 'claimed' OR payment IS NOT NULL),
  CHECK ((status = 'never-settled') = (decline IS NOT NULL))
);
COMMENT ON TABLE claims IS 'distributed by client_id (the receiver): how each payment to a wallet ended';
