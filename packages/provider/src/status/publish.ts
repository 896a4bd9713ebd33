import {
  ok,
  PAYMENT_GRACE,
  providerToAnybody,
  seconds,
  statusChunk,
  statusChunks,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import { done, transact, type Decision } from "@bezant/service";
import type { Transaction } from "@bezant/service/db";
import type { Core } from "../core/core.ts";
import { lockHead, putChunk, putHead } from "./lists.ts";
import { markListed, readRevoked } from "./revocations.ts";

/** A list that is older is issued again although nothing has changed: who knows no epoch of it goes by its age. */
const WEEK = 7 * 24 * 60 * 60;

/**
 * Publishes the status list if it has to be: there is none, somebody was revoked since the last one, or it is a week old.
 * Several servers may do so at once. Answers the epoch of the list that there is now.
 *
 * An epoch is the time of its issue, or one more than the last: also a ledger that was restored from a backup never
 * numbers a list below one that it has published before.
 */
export async function publishStatus(core: Core): Promise<Result<number, Refusal>> {
  const published = await transact(core.db, (transaction) => publishIn(core, transaction));
  return published.ok ? ok(published.value) : published;
}

const IS_HELD = "SELECT 1 FROM restores WHERE revocations_known_at IS NULL LIMIT 1";

async function publishIn(core: Core, transaction: Transaction): Promise<Decision<number>> {
  const { id: issuer, currency, chain } = core.identity;
  const now = core.clock.now();
  const head = await lockHead(transaction, issuer);
  // A list of a restored ledger would take back whoever was revoked after the backup.
  if ((await transaction.query(IS_HELD)).count > 0) return done(head?.epoch ?? 0);
  // A certificate's payments are taken for thirty days after its end; so long does its holder stay on the list.
  const revoked = await readRevoked(transaction, seconds(Math.max(0, now - PAYMENT_GRACE)));
  const isNew = head === undefined || revoked.some(({ epoch }) => epoch === undefined);
  if (!isNew && now - head.issuedAt < WEEK) return done(head.epoch);

  const epoch = Math.max(now, (head?.epoch ?? 0) + 1);
  const indices = revoked.map(({ index }) => index);
  const chunks = statusChunks(indices, { epoch, issuedAt: now });
  await putHead(transaction, issuer, { epoch, issuedAt: now });
  const context = providerToAnybody({ currency, provider: issuer });
  for (const chunk of chunks) {
    const message = await statusChunk.signAsync(chunk, context, core.signer, { chain });
    await putChunk(transaction, issuer, chunk, message);
  }
  await markListed(transaction, epoch);
  return done(epoch);
}
