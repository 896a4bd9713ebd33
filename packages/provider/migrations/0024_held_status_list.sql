-- Until the operator says that every revocation after the backup has been ordered again, no status list is published: it
-- would take those back that the ledger has forgotten (protocol document §18.5). NULL: not yet.
ALTER TABLE restores ADD COLUMN revocations_known_at bigint;
