import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { signalAll } from "../durability/processes.ts";
import type { Random } from "../random.ts";
import { INSTITUTIONS, type InstitutionName, type Tiers } from "./found.ts";

/** Who dies together. */
export const VICTIMS = {
  "central-bank": ["central-bank"],
  aurum: ["aurum"],
  boreal: ["boreal"],
  "central-bank-and-aurum": ["central-bank", "aurum"],
  providers: ["aurum", "boreal"],
  everybody: INSTITUTIONS,
} as const satisfies Record<string, readonly InstitutionName[]>;
export type Victim = keyof typeof VICTIMS;

/** What was under way when everything was stopped to be killed. */
export type Met = {
  /** Transactions of the victims that had written, and those that were committing. */
  readonly inFlight: number;
  readonly committing: number;
  /** Messages of a provider that the central bank had and had not answered. */
  readonly messages: number;
};

const AIMS: readonly ((met: Met) => boolean)[] = [
  () => true,
  ({ inFlight }) => inFlight > 0,
  ({ committing }) => committing > 0,
  ({ messages }) => messages > 0,
];
const AIM_MS = 1000;

/**
 * The moment is chance's, but three times out of four it waits a little for a transaction, a COMMIT or a message to hit. SIGSTOP
 * comes first, so that what is counted is what SIGKILL then meets.
 */
export async function kill(tiers: Tiers, victim: Victim, random: Random): Promise<Met> {
  const names = VICTIMS[victim];
  const aim = random.pick(AIMS);
  const watching = await Promise.all(names.map((name) => watch(tiers.databases[name])));
  try {
    const look = async (): Promise<Met> => {
      const found = await Promise.all(watching.map(underWay));
      const sum = (of: (one: (typeof found)[number]) => number): number =>
        found.reduce((total, one) => total + of(one), 0);
      const messages = tiers.relay.underWay();
      return {
        inFlight: sum((one) => one.writing),
        committing: sum((one) => one.committing),
        messages,
      };
    };
    const deadline = performance.now() + AIM_MS;
    while (!aim(await look()) && performance.now() < deadline) await sleep(1);
    signalAll(
      names.map((name) => tiers.processes[name].pid),
      "SIGSTOP",
    );
    const met = await look();
    await Promise.all(names.map((name) => tiers.processes[name].kill()));
    return met;
  } finally {
    await Promise.all(watching.map((client) => client.end()));
  }
}

async function watch(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

const UNDER_WAY = {
  name: "under-way",
  text: `SELECT count(*) FILTER (WHERE backend_xid IS NOT NULL)::int AS writing,
      count(*) FILTER (WHERE state = 'active' AND query LIKE 'COMMIT%')::int AS committing
    FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
};

async function underWay(client: pg.Client) {
  const { rows } = await client.query<{ writing: number; committing: number }>(UNDER_WAY);
  return rows[0] ?? { writing: 0, committing: 0 };
}
