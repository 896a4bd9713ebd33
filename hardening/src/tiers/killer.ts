import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { childrenOf, isCommitting, isWriting, signalAll } from "../durability/processes.ts";
import type { SeparateServer } from "../durability/separate-server.ts";
import type { Random } from "../random.ts";
import { INSTITUTIONS, type InstitutionName, type Tiers } from "./found.ts";

/** Who dies together. All ledgers are in databases of one PostgreSQL, so whoever has it killed stops all of them. */
export const VICTIMS = {
  "central-bank": ["central-bank"],
  aurum: ["aurum"],
  boreal: ["boreal"],
  "central-bank-and-aurum": ["central-bank", "aurum"],
  providers: ["aurum", "boreal"],
  everybody: INSTITUTIONS,
  postgres: ["postgres"],
  "postgres-and-central-bank": ["postgres", "central-bank"],
  "postgres-and-everybody": ["postgres", ...INSTITUTIONS],
} as const satisfies Record<string, readonly (InstitutionName | "postgres")[]>;
export type Victim = keyof typeof VICTIMS;

export function institutionsOf(victim: Victim): readonly InstitutionName[] {
  const all: readonly (InstitutionName | "postgres")[] = VICTIMS[victim];
  return all.filter((name) => name !== "postgres");
}

export function isOfPostgres(victim: Victim): boolean {
  return VICTIMS[victim].some((name) => name === "postgres");
}

/** A PostgreSQL that may be killed. */
export type Postgres = Pick<SeparateServer, "postmaster" | "start">;

/** What was under way when everything was stopped to be killed. */
export type Met = {
  /** Transactions of the victims, or of all with their PostgreSQL, that had written, and those that were committing. */
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

type Sight = {
  readonly look: () => Promise<Omit<Met, "messages">>;
  readonly close: () => Promise<void>;
};

/**
 * The moment is chance's, but three times out of four it waits a little for a transaction, a COMMIT or a message to hit. SIGSTOP
 * comes first, so that what is counted is what SIGKILL then meets.
 */
export async function kill(
  tiers: Tiers,
  victim: Victim,
  random: Random,
  postgres: Postgres | undefined,
): Promise<Met> {
  const names = institutionsOf(victim);
  const postmaster = isOfPostgres(victim) ? postgres?.postmaster() : undefined;
  const sight =
    postmaster === undefined
      ? await throughSessions(names.map((name) => tiers.databases[name]))
      : throughTitles(postmaster);
  const aim = random.pick(AIMS);
  try {
    const look = async (): Promise<Met> => ({
      ...(await sight.look()),
      messages: tiers.relay.underWay(),
    });
    const deadline = performance.now() + AIM_MS;
    while (!aim(await look()) && performance.now() < deadline) await sleep(1);
    const servers = postmaster === undefined ? [] : stopServer(postmaster);
    signalAll(
      names.map((name) => tiers.processes[name].pid),
      "SIGSTOP",
    );
    const met = await look();
    signalAll(servers, "SIGKILL");
    await Promise.all(names.map((name) => tiers.processes[name].kill()));
    return met;
  } finally {
    await sight.close();
  }
}

/** Stops the postmaster, so that it makes no more, and then all that it has made. @returns all of them */
function stopServer(postmaster: number): readonly number[] {
  signalAll([postmaster], "SIGSTOP");
  const children = childrenOf(postmaster).map(({ pid }) => pid);
  signalAll(children, "SIGSTOP");
  return [...children, postmaster];
}

/** What the backends say of themselves, which can be read also when they are stopped. */
function throughTitles(postmaster: number): Sight {
  return {
    look: () => {
      const backends = childrenOf(postmaster);
      const [inFlight, committing] = [isWriting, isCommitting].map(
        (is) => backends.filter(is).length,
      ) as [number, number];
      return Promise.resolve({ inFlight, committing });
    },
    close: () => Promise.resolve(),
  };
}

async function throughSessions(databases: readonly string[]): Promise<Sight> {
  const watching = await Promise.all(databases.map(watch));
  return {
    look: async () => {
      const found = await Promise.all(watching.map(underWay));
      return {
        inFlight: found.reduce((total, { writing }) => total + writing, 0),
        committing: found.reduce((total, { committing }) => total + committing, 0),
      };
    },
    close: async () => {
      await Promise.all(watching.map((client) => client.end()));
    },
  };
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
