import {
  concatBytes,
  counter,
  err,
  ok,
  reported,
  seconds,
  toHex,
  type ProviderId,
  type Refusal,
  type Reported,
  type Result,
} from "@bezant/protocol";
import { fromDatabase } from "@bezant/service";
import { say, type Core } from "../core/core.ts";

/** Whose certificate or confirmation, and which. */
type Asked = readonly [provider: ProviderId, digest: Uint8Array];

interface Row {
  readonly provider: ProviderId;
  readonly digest: string;
  readonly report: bigint;
  readonly window: bigint;
  readonly at: bigint;
}

const REPORTED = {
  name: "find-digests",
  text: `SELECT d.provider, encode(d.digest, 'hex') AS digest, d.report, r.settlement_window AS window,
      r.accepted_at AS at
    FROM unnest($2::text[], $3::bytea[]) AS asked (provider, digest)
    JOIN reported_digests AS d
      ON d.provider = asked.provider AND d.kind = $1 AND d.digest = asked.digest
    JOIN reports AS r ON r.provider = d.provider AND r.n = d.report`,
};

/** Which reports name these certificates or deposit confirmations first, if any do; in the order in which it was asked. */
export async function findReported(
  { db }: Pick<Core, "db">,
  kind: Reported["kind"],
  asked: readonly Asked[],
): Promise<Result<readonly Reported[], Refusal>> {
  const columns = [asked.map(([provider]) => provider), asked.map(([, digest]) => digest)];
  const read = await db.query<Row>(REPORTED, [kind, ...columns]);
  if (!read.ok) return err(fromDatabase(read.error));
  const rows = new Map(read.value.rows.map((row) => [`${row.provider} ${row.digest}`, row]));
  const answers = asked.map(([provider, digest]): Reported => {
    const row = rows.get(`${provider} ${toHex(digest)}`);
    return { kind, provider, digest, ...(row === undefined ? {} : { in: placeOf(row) }) };
  });
  return ok(answers);
}

function placeOf({ report, window, at }: Row): Required<Reported>["in"] {
  return {
    report: counter(Number(report)),
    window: counter(Number(window)),
    at: seconds(Number(at)),
  };
}

/** The same, signed for whoever asks: a CBOR sequence of `reported`. */
export async function wasReported(
  core: Core,
  asker: ProviderId,
  kind: Reported["kind"],
  asked: readonly Asked[],
): Promise<Result<Uint8Array, Refusal>> {
  const found = await findReported(core, kind, asked);
  if (!found.ok) return found;
  const said = found.value.map((one) => say(core, reported, one, asker));
  return ok(concatBytes(...(await Promise.all(said))));
}
