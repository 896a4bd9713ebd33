import { ok, seconds, type Result } from "@bezant/protocol";
import type { Database, Transaction, Unavailable } from "@bezant/service/db";
import { bytea } from "../ledger/index.ts";
import type { Known } from "./judge.ts";

const READ = {
  name: "read-reported-certificates",
  text: `SELECT encode(digest, 'hex') AS digest, accepted_at, asked_at FROM reported_certificates
    WHERE digest = ANY ($1::bytea[])`,
};
const KEEP = {
  name: "keep-reported-certificates",
  text: `INSERT INTO reported_certificates (digest, accepted_at, asked_at)
    SELECT c.digest, c.accepted_at, $3::bigint FROM unnest($1::bytea[], $2::bigint[]) AS c (digest, accepted_at)
    ON CONFLICT (digest) DO UPDATE SET
      accepted_at = COALESCE (reported_certificates.accepted_at, EXCLUDED.accepted_at),
      asked_at = GREATEST (reported_certificates.asked_at, EXCLUDED.asked_at)`,
};

interface Row {
  readonly digest: string;
  readonly accepted_at: bigint | null;
  readonly asked_at: bigint;
}

/** What was asked before about certificates of these digests, in hexadecimal. */
export async function readKnown(
  db: Database,
  digests: readonly string[],
): Promise<Result<Map<string, Known>, Unavailable>> {
  const found = await db.query<Row>(READ, [digests.map(bytea)]);
  if (!found.ok) return found;
  return ok(new Map(found.value.rows.map((row) => [row.digest, toKnown(row)])));
}

/** Several servers may learn it at once: a report that names a certificate stays its first one. */
export async function keepKnown(
  transaction: Transaction,
  answers: ReadonlyMap<string, Known>,
): Promise<void> {
  const digests = [...answers.keys()].toSorted();
  const accepted = digests.map((digest) => answers.get(digest)?.acceptedAt ?? null);
  const asked = Math.max(...answers.values().map(({ askedAt }) => askedAt));
  await transaction.query(KEEP, [digests.map(bytea), accepted, asked]);
}

function toKnown({ accepted_at: accepted, asked_at: asked }: Row): Known {
  return {
    acceptedAt: accepted === null ? undefined : seconds(Number(accepted)),
    askedAt: seconds(Number(asked)),
  };
}
