import { defineMessage, err, field, map, named, type Refusal, type Result } from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { checkAge, done, transact } from "@bezant/service";
import { publishStatus } from "../status/publish.ts";
import { operatorVerify } from "./verify.ts";

/** The operator says that the ledger was restored from a backup. It says when; saying it twice does no harm. */
export const restoredOrder = defineMessage({
  typ: 65_503,
  name: "restored-order",
  signedBy: "institution",
  payload: map({
    at: [1, field.seconds],
    /** `known`: whoever was revoked after the backup is revoked again, and lists may be published. */
    revocations: [2, named({ unknown: 0, known: 1 })],
  }),
});

const MARK = `/* all clients: the whole ledger is older than it was */
  UPDATE tas SET read_only_since = $1 WHERE status = 'active' AND read_only_since IS NULL`;
const DECLARE = `INSERT INTO restores (restored_at) VALUES ($1)
  ON CONFLICT (restored_at) DO UPDATE SET compared_at = NULL, revocations_known_at = NULL, payments_known_at = NULL`;

const RELEASE = "UPDATE restores SET revocations_known_at = $1 WHERE revocations_known_at IS NULL";

/**
 * To be called once after the database was restored from a backup: until a sync has compared both histories, the client of
 * each TA only reads, and the next settling takes up the reports that the central bank has and the ledger has forgotten. No status list is published until the operator says that the revocations are known.
 * @returns how many TAs have to synchronise
 */
export async function markRestored({ db, clock }: Core): Promise<Result<number, Refusal>> {
  return transact(db, async (transaction) => {
    const { count } = await transaction.query(MARK, [clock.now()]);
    await transaction.query(DECLARE, [clock.now()]);
    return done(count);
  });
}

export async function declareRestored(
  core: Core,
  body: Uint8Array,
): Promise<Result<number, Refusal>> {
  const verified = await operatorVerify(core, restoredOrder, body);
  if (!verified.ok) return verified;
  const stale = checkAge(core, verified.value.payload.at);
  if (stale !== undefined) return err(stale);
  if (verified.value.payload.revocations === "unknown") return markRestored(core);
  return releaseList(core);
}

/** Of a restore that was declared before, or is with this. */
async function releaseList(core: Core): Promise<Result<number, Refusal>> {
  const release = (): Promise<Result<number, Refusal>> =>
    transact(core.db, async (transaction) => {
      const { count } = await transaction.query(RELEASE, [core.clock.now()]);
      return done(count);
    });
  let released = await release();
  if (!released.ok) return released;
  let tas: Result<number, Refusal> = { ok: true, value: 0 };
  if (released.value === 0) {
    tas = await markRestored(core);
    if (!tas.ok) return tas;
    released = await release();
    if (!released.ok) return released;
  }
  const published = await publishStatus(core);
  return published.ok ? tas : published;
}
