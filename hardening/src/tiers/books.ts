import { PROVIDERS, type ProviderName } from "@bezant/cli/network";
import { connect, readBooks, together, type Books } from "../durability/books.ts";
import type { Databases } from "./found.ts";

/** The ledgers of all institutions as plain SQL reads them, past all of their code. */
export type TierBooks = {
  readonly bank: Bank;
  readonly providers: Readonly<Record<ProviderName, Provider>>;
  /** Both providers' clients. */
  readonly clients: Books;
};

type Rows = readonly Readonly<Record<string, string>>[];
type Bank = {
  readonly accounts: Rows;
  readonly payments: Rows;
  readonly advices: Rows;
  readonly reports: Rows;
  readonly conflicts: Rows;
};
type Provider = {
  readonly sums: Rows;
  readonly orders: Rows;
  readonly advices: Rows;
  readonly booked: Rows;
  readonly reports: Rows;
};

const BANK = {
  accounts: `SELECT kind, holder, balance::text,
      coalesce((SELECT sum(e.amount) FROM entries AS e WHERE e.kind = a.kind AND e.holder = a.holder), 0)::text
        AS counted FROM accounts AS a`,
  payments: `SELECT payer_provider || '/' || encode(instruction, 'hex') AS key,
      payee_provider || '/' || encode(payee, 'hex') || ':' || amount || ' ' || state AS what FROM payments`,
  advices: `SELECT provider || '/' || n AS key, kind || ' ' || encode(instruction, 'hex') AS what FROM advices`,
  reports: `SELECT provider || '/' || n AS key FROM reports`,
  conflicts: "SELECT provider AS key, n::text AS what FROM conflicting_reports",
};
const PROVIDER = {
  sums: `SELECT sum(online + suspense)::text AS owed, sum(offline)::text AS offline,
      (-sum(reserves))::text AS funded FROM accounts`,
  orders: `SELECT encode(instruction, 'hex') AS key,
      provider || '/' || encode(receiver, 'hex') || ':' || amount || ' ' || status AS what
    FROM orders WHERE provider IS NOT NULL`,
  advices: `SELECT provider || '/' || encode(instruction, 'hex') AS key,
      encode(client, 'hex') || ':' || amount || ' ' || CASE status WHEN 'credited' THEN 'settled' ELSE status END
        AS what FROM advices`,
  booked: `SELECT number::text AS key, kind || ' ' || encode(instruction, 'hex') AS what FROM advices`,
  reports: `SELECT number::text AS key FROM reports WHERE status = 'accepted'`,
};

/** The central bank's last, so that it has all that a provider has heard of it. */
export async function readTiers(databases: Databases): Promise<TierBooks> {
  const clients: Books[] = [];
  const providers: Partial<Record<ProviderName, Provider>> = {};
  for (const id of PROVIDERS) {
    providers[id] = await read(databases[id], PROVIDER);
    clients.push(await readBooks(databases[id]));
  }
  const bank = await read(databases["central-bank"], BANK);
  return { bank, providers: providers as TierBooks["providers"], clients: together(clients) };
}

async function read<N extends string>(
  url: string,
  texts: Readonly<Record<N, string>>,
): Promise<Record<N, Rows>> {
  const client = await connect(url);
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const found: Partial<Record<N, Rows>> = {};
    for (const name of Object.keys(texts) as N[]) {
      found[name] = (await client.query<Record<string, string>>(texts[name])).rows;
    }
    return found as Record<N, Rows>;
  } finally {
    await client.end();
  }
}

/**
 * What does not add up across the institutions once everybody has settled and nothing is on its way.
 * @param issued to each provider
 */
export function apart({ bank, providers }: TierBooks, issued: bigint): string[] {
  const problems: string[] = [];
  const same = (what: string, found: bigint, expected: bigint): void => {
    if (found !== expected) problems.push(`${what} is ${found}, and should be ${expected}`);
  };
  const balance = (kind: string, holder = ""): bigint =>
    BigInt(
      bank.accounts.find((one) => one["kind"] === kind && one["holder"] === holder)?.["balance"] ??
        0,
    );
  for (const { kind, holder, balance: has = "", counted = "" } of bank.accounts) {
    same(`${kind}/${holder} at the central bank`, BigInt(has), BigInt(counted));
  }
  same("everything at the central bank", sum(bank.accounts, "balance"), 0n);
  same("issuance", -balance("issuance"), issued * BigInt(PROVIDERS.length));
  const all = PROVIDERS.map((id) => providers[id]);
  const offline = all.reduce((total, { sums }) => total + sum(sums, "offline"), 0n);
  same("offline circulation", balance("circulation"), offline);
  same("the loss of the central bank", balance("loss"), 0n);
  for (const id of PROVIDERS) {
    const { sums, reports } = providers[id];
    const own = issued - sum(sums, "funded");
    same(
      `what ${id} has at the central bank`,
      balance("reserves", id) + balance("prefund", id),
      sum(sums, "owed") + own,
    );
    same(`the loss of ${id}`, balance("loss", id), 0n);
    const accepted = bank.reports.filter(({ key = "" }) => key.startsWith(`${id}/`));
    same(`the number of reports of ${id}`, BigInt(accepted.length), BigInt(reports.length));
  }
  for (const { key, what } of bank.conflicts) problems.push(`two reports ${what} of ${key}`);
  return [...problems, ...unpaired({ bank, providers })];
}

/** What the central bank has said to a provider, and does not know; at any time, for it says nothing that is not durable. */
export function denied({ bank, providers }: Pick<TierBooks, "bank" | "providers">): string[] {
  const known = {
    report: new Set(bank.reports.map(({ key }) => key)),
    payment: new Set(bank.payments.map(({ key }) => key)),
    advice: new Set(bank.advices.map(({ key }) => key)),
  };
  return PROVIDERS.flatMap((id) => {
    const { reports, orders, booked } = providers[id];
    const ended = orders.filter(({ what = "" }) => !what.endsWith(" pending"));
    const heard = { report: reports, payment: ended, advice: booked };
    return (Object.keys(heard) as (keyof typeof heard)[]).flatMap((kind) =>
      heard[kind]
        .filter(({ key }) => !known[kind].has(`${id}/${key}`))
        .map(({ key }) => `the central bank has forgotten ${kind} ${key} of ${id}`),
    );
  });
}

/** Each payment across is an order at one provider, a payment at the central bank, and an advice at the other: once, and the same. */
function unpaired({ bank, providers }: Pick<TierBooks, "bank" | "providers">): string[] {
  const payments = facts(bank.payments);
  const booked = PROVIDERS.flatMap((id) =>
    providers[id].booked.map(({ key, what }) => ({ key: `${id}/${key}`, what })),
  );
  const ordered = PROVIDERS.flatMap((id) =>
    providers[id].orders.map(({ key, what }) => ({ key: `${id}/${key}`, what })),
  );
  const advised = PROVIDERS.flatMap((id) =>
    providers[id].advices.map(({ key, what }) => ({ key, what: `${id}/${what}` })),
  );
  return [
    ...differences("ordered", facts(ordered), payments),
    ...differences("advised", facts(advised), payments),
    ...differences("booked", facts(booked), facts(bank.advices)),
  ];
}

function facts(rows: readonly { readonly [name: string]: string | undefined }[]) {
  return new Map(rows.map(({ key = "", what = "" }) => [key, what]));
}

function differences(
  how: string,
  found: ReadonlyMap<string, string>,
  said: ReadonlyMap<string, string>,
): string[] {
  const keys = new Set([...found.keys(), ...said.keys()]);
  return [...keys]
    .filter((key) => found.get(key) !== said.get(key))
    .map((key) => `${key} is ${how} as ${found.get(key)}, the central bank has ${said.get(key)}`);
}

function sum(rows: Rows, column: string): bigint {
  return rows.reduce((total, row) => total + BigInt(row[column] ?? "0"), 0n);
}
