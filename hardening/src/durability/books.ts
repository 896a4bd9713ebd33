import pg from "pg";
import { KINDS, type Acknowledged, type Facts, type Kind } from "./acknowledged.ts";
import { until } from "./patience.ts";
import { FUNDS, type Person } from "./people.ts";

/** What the tables of the operations say, in the words of `Facts`. */
const ROWS: Readonly<Record<Kind, string>> = {
  deposit: `SELECT encode(client_id, 'hex') || '/' || d AS key, kind || ':' || amount AS what FROM deposits`,
  withdrawal: `SELECT encode(client_id, 'hex') || '/' || w AS key, kind || ':' || amount AS what
    FROM withdrawals`,
  claim: `SELECT encode(client_id, 'hex') || '/' || encode(sender, 'hex') || '/' || j AS key,
    status || ':' || amount AS what FROM claims`,
  payment: `SELECT encode(client_id, 'hex') || '/' || encode(order_id, 'hex') AS key,
    encode(receiver, 'hex') || ':' || amount AS what FROM orders`,
};

const MOVED = `SELECT encode(client_id, 'hex') || ' ' || operation AS key, count(*)::text AS times,
    sum(amount)::text AS sum FROM transfers GROUP BY client_id, operation`;

const BALANCES = `SELECT encode(client_id, 'hex') AS client, online::text, suspense::text, offline::text,
    clearing::text, interbank::text, reserves::text, loss::text FROM accounts`;

/** Every balance from its transfers alone. */
const RECOUNTED = `SELECT encode(client_id, 'hex') || ' ' || account AS key, sum(x)::text AS sum FROM (
    SELECT client_id, credit AS account, amount AS x FROM transfers
    UNION ALL SELECT client_id, debit, -amount FROM transfers
  ) AS moved GROUP BY client_id, account`;

/** Each operation's row has exactly one transfer of each of these lines, and each such transfer has a row. */
const TRANSFERS_OF: Readonly<Record<Kind, readonly (readonly string[])[]>> = {
  deposit: [["deposit"]],
  withdrawal: [["withdrawal"]],
  claim: [["claim"]],
  payment: [
    ["payment-sent", "interbank-sent"],
    ["payment-received", "interbank-received"],
  ],
};

type Row = { readonly key: string; readonly what: string };
type Sum = { readonly key: string; readonly sum: string };
type Balances = Readonly<Record<"client" | (typeof ACCOUNTS)[number], string>>;
const ACCOUNTS = [
  "online",
  "suspense",
  "offline",
  "clearing",
  "interbank",
  "reserves",
  "loss",
] as const;

/** The ledger as plain SQL reads it, past all of the provider's code. */
export type Books = {
  readonly facts: Facts;
  readonly moved: ReadonlyMap<string, { readonly times: bigint; readonly sum: bigint }>;
  readonly balances: ReadonlyMap<string, Balances>;
  readonly recounted: ReadonlyMap<string, bigint>;
};

export async function readBooks(url: string): Promise<Books> {
  const client = await connect(url);
  try {
    // One snapshot: the load may still be on.
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const rows = async <R>(text: string): Promise<R[]> =>
      (await client.query<R & pg.QueryResultRow>(text)).rows;
    const facts: Partial<Record<Kind, ReadonlyMap<string, string>>> = {};
    for (const kind of KINDS) {
      facts[kind] = new Map((await rows<Row>(ROWS[kind])).map(({ key, what }) => [key, what]));
    }
    const moved = await rows<Sum & { readonly times: string }>(MOVED);
    const recounted = await rows<Sum>(RECOUNTED);
    return {
      facts: facts as Facts,
      moved: new Map(
        moved.map(({ key, times, sum }) => [key, { times: BigInt(times), sum: BigInt(sum) }]),
      ),
      balances: new Map((await rows<Balances>(BALANCES)).map((one) => [one.client, one])),
      recounted: new Map(recounted.map(({ key, sum }) => [key, BigInt(sum)])),
    };
  } finally {
    await client.end();
  }
}

/** The ledgers of several providers as one: no client is at two of them. */
export function together(all: readonly Books[]): Books {
  const merged = <T>(of: (one: Books) => ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
    new Map(all.flatMap((one) => [...of(one)]));
  return {
    facts: Object.fromEntries(
      KINDS.map((kind) => [kind, merged((one) => one.facts[kind])]),
    ) as Facts,
    moved: merged((one) => one.moved),
    balances: merged((one) => one.balances),
    recounted: merged((one) => one.recounted),
  };
}

/** A server whose backend was killed goes into recovery a moment later, perhaps only after it has said that it is ready. */
export async function connect(url: string): Promise<pg.Client> {
  let connected: pg.Client | undefined;
  await until("the books to be readable", async () => {
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => undefined);
    connected = await client.connect().then(
      () => client,
      () => undefined,
    );
    return connected !== undefined;
  });
  if (connected === undefined) throw new Error("not connected");
  return connected;
}

/** What was acknowledged and is not there, or is there otherwise. Holds at any moment. */
export function lost({ facts }: Books, acknowledged: Facts): string[] {
  return KINDS.flatMap((kind) =>
    [...acknowledged[kind]].flatMap(([key, what]) => {
      const found = facts[kind].get(key);
      return found === what ? [] : [`acknowledged ${kind} ${key} ${what}, in the ledger ${found}`];
    }),
  );
}

/** What is there and was never acknowledged: of a request whose answer was lost. */
export function unacknowledged({ facts }: Books, acknowledged: Facts): string[] {
  return KINDS.flatMap((kind) =>
    [...facts[kind].keys()]
      .filter((key) => !acknowledged[kind].has(key))
      .map((key) => `${kind} ${key}`),
  );
}

/** Double entry: balances are what their transfers say, and each operation has moved its money exactly once. */
export function imbalance({ facts, moved, balances, recounted }: Books): string[] {
  const problems: string[] = [];
  for (const row of balances.values()) {
    let sum = 0n;
    for (const account of ACCOUNTS) {
      const counted = recounted.get(`${row.client} ${account}`) ?? 0n;
      if (BigInt(row[account]) !== counted) {
        problems.push(
          `${account} of ${row.client} is ${row[account]}, its transfers make ${counted}`,
        );
      }
      sum += BigInt(row[account]);
    }
    if (sum !== 0n) problems.push(`the accounts of ${row.client} sum up to ${sum}`);
  }
  for (const account of ["clearing", "interbank", "suspense", "loss"] as const) {
    const total = [...balances.values()].reduce((sum, row) => sum + BigInt(row[account]), 0n);
    if (total !== 0n) problems.push(`${account} holds ${total} over all clients`);
  }
  for (const kind of KINDS) {
    const worth = [...facts[kind].values()].reduce((sum, what) => sum + amountOf(what), 0n);
    for (const operations of TRANSFERS_OF[kind]) {
      const of = [...moved]
        .filter(([key]) => operations.includes(key.slice(key.indexOf(" ") + 1)))
        .map(([, one]) => one);
      const times = of.reduce((sum, one) => sum + one.times, 0n);
      const sum = of.reduce((total, one) => total + one.sum, 0n);
      if (times !== BigInt(facts[kind].size) || sum !== worth) {
        problems.push(
          `${facts[kind].size} ${kind}s of ${worth} in all moved ${sum} in ${times} transfers (${operations.join(", ")})`,
        );
      }
    }
  }
  return problems;
}

/**
 * After everybody has converged: what everybody has, online and in the device, is what the acknowledgements make of it. Once
 * everything is acknowledged, whatever was counted twice or not at all shows here.
 */
export async function unaccounted(
  { balances }: Books,
  acknowledged: Acknowledged,
  people: readonly Person[],
): Promise<string[]> {
  const problems: string[] = [];
  let total = 0n;
  let unclaimed = 0n;
  for (const person of people) {
    const of = (kind: Kind): bigint =>
      sumOf(acknowledged[kind], (key) => key.startsWith(person.id));
    const received = [...acknowledged.payment.values()]
      .filter((what) => what.startsWith(person.id))
      .reduce((sum, what) => sum + amountOf(what), 0n);
    const online =
      FUNDS - of("deposit") + of("withdrawal") + of("claim") - of("payment") + received;
    const paid = person.paid.reduce((sum, x) => sum + x, 0n);
    const collected = person.collected.reduce((sum, x) => sum + x, 0n);
    const offline = of("deposit") - of("withdrawal") - paid + collected;
    const booked = BigInt(balances.get(person.id)?.online ?? -1n);
    const held = await balanceOf(person);
    if (booked !== online)
      problems.push(`${person.name} has ${booked} online and should have ${online}`);
    if (held !== offline) problems.push(`${person.name}'s device holds ${held}, not ${offline}`);
    total += booked + held;
    unclaimed += paid - collected - of("claim");
  }
  const funded = FUNDS * BigInt(people.length);
  if (unclaimed !== 0n) problems.push(`payments of ${unclaimed} are not claimed`);
  if (total !== funded) problems.push(`all money is ${total}, paid in was ${funded}`);
  return problems;
}

async function balanceOf({ device }: Person): Promise<bigint> {
  const info = await device?.getInfo();
  if (info === undefined) return 0n;
  return info.ok ? info.value.balance : -1n;
}

function sumOf(facts: ReadonlyMap<string, string>, where: (key: string) => boolean): bigint {
  return [...facts].reduce((sum, [key, what]) => (where(key) ? sum + amountOf(what) : sum), 0n);
}

function amountOf(what: string): bigint {
  return BigInt(what.slice(what.indexOf(":") + 1));
}
