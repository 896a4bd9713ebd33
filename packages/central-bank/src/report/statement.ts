import {
  amount,
  counter,
  err,
  ok,
  refusal,
  settlementStatement,
  type ProviderId,
  type Refusal,
  type Result,
  type SettlementStatement,
} from "@bezant/protocol";
import { fromDatabase } from "@bezant/service";
import { say, type Core } from "../core/core.ts";

const READ = {
  name: "read-statement",
  text: `SELECT p.report, p.advice, r.digest, r.settlement_window AS window,
      (SELECT max(number) FROM windows WHERE closed_at IS NOT NULL) AS closed,
      (SELECT balance FROM accounts WHERE kind = 'reserves' AND holder = p.provider) AS reserves,
      (SELECT balance FROM accounts WHERE kind = 'prefund' AND holder = p.provider) AS prefund
    FROM providers AS p LEFT JOIN reports AS r ON r.provider = p.provider AND r.n = p.report
    WHERE p.provider = $1`,
};

interface Row {
  readonly report: bigint;
  readonly advice: bigint;
  readonly digest: Uint8Array | null;
  readonly window: bigint | null;
  readonly closed: bigint | null;
  readonly reserves: bigint;
  readonly prefund: bigint;
}

/** Where a provider stands. */
export async function readStatement(
  { db }: Pick<Core, "db">,
  provider: ProviderId,
): Promise<Result<SettlementStatement, Refusal>> {
  const read = await db.query<Row>(READ, [provider]);
  if (!read.ok) return err(fromDatabase(read.error));
  const [row] = read.value.rows;
  if (row === undefined) return err(refusal("unknown-provider"));
  const { report, advice, digest, window, closed, reserves, prefund } = row;
  return ok({
    report: counter(Number(report)),
    digest: digest === null ? new Uint8Array(32) : new Uint8Array(digest),
    window: counter(Number(window ?? 0n)),
    closed: counter(Number(closed ?? 0n)),
    reserves: amount(reserves),
    prefund: amount(prefund),
    advices: counter(Number(advice)),
  });
}

export async function sayStatement(
  core: Core,
  provider: ProviderId,
): Promise<Result<Uint8Array, Refusal>> {
  const statement = await readStatement(core, provider);
  if (!statement.ok) return statement;
  return ok(await say(core, settlementStatement, statement.value, provider));
}
