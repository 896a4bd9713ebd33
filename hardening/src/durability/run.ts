import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { reservePort } from "@bezant/cli/network";
import { amount, unwrap } from "@bezant/protocol";
import { Random } from "../random.ts";
import { Acknowledged } from "./acknowledged.ts";
import { imbalance, lost, readBooks, unaccounted, unacknowledged } from "./books.ts";
import { embedded, type Database } from "./databases.ts";
import { foundInstitutions, HOME } from "./institutions.ts";
import { kill, type Kill, type Victim } from "./killer.ts";
import { Load, type Ends } from "./load.ts";
import { until } from "./patience.ts";
import { settleIn, type Person } from "./people.ts";
import { InstitutionProcess } from "./institution-process.ts";

export type Options = {
  readonly rounds: number;
  readonly seed: number;
  /** Makes the database in a folder for this run; by default the provider's own. */
  readonly database?: (folder: string) => Promise<Database>;
  readonly people?: { readonly payers: number; readonly merchants: number };
  /** Milliseconds of load before each kill, at most. */
  readonly loadMs?: number;
  /** A module that plants a fault in the provider's process. */
  readonly fault?: URL;
  /** Whom to kill, in turn; by default chance decides. */
  readonly victims?: readonly Victim[];
  readonly onRound?: (round: Round) => void;
  /** Ends the run after the round under way. */
  readonly signal?: AbortSignal;
};

export type Round = Kill & {
  readonly round: number;
  /** In the ledger after the restart, and nobody had been told. */
  readonly unacknowledged: number;
  readonly ms: {
    readonly recovering: number;
    readonly stopping: number;
    readonly converging: number;
  };
  readonly violations: readonly string[];
};

export type Report = {
  readonly rounds: readonly Round[];
  readonly acknowledged: Acknowledged;
  readonly ends: Ends;
};

const EVERYBODY = { payers: 3, merchants: 2 };

/** Kills servers under load, round after round, and compares what was acknowledged with what is left. */
export async function runDurability(options: Options): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), "bezant-hard-"));
  // The database may have to run as another user.
  chmodSync(folder, 0o711);
  const dataDir = join(folder, "provider");
  const port = await reservePort();
  const institutions = await foundInstitutions(join(folder, "ca"), { port, dataDir });
  const database = (await options.database?.(folder)) ?? embedded(dataDir);
  const { fault } = options;
  const provider = new InstitutionProcess({
    kind: "provider",
    config: institutions.config,
    log: join(folder, "provider.log"),
    cache: join(folder, "cache"),
    databaseUrl: database.givenUrl,
    fault,
  });
  const acknowledged = new Acknowledged();
  const url = `http://127.0.0.1:${port}`;
  const people: Person[] = [];
  let trial: Trial | undefined;
  try {
    if ((await provider.spawn()) === undefined) throw new Error(`see ${folder}/provider.log`);
    const town = { institutions, home: HOME, acknowledged, url, folder };
    const { payers, merchants } = options.people ?? EVERYBODY;
    for (let i = 0; i < payers + merchants; i += 1) {
      const withDevice = i < payers;
      const person = await settleIn(town, withDevice ? `payer${i}` : `merchant${i}`, {
        withDevice,
      });
      people.push(person);
      if (withDevice) unwrap(await person.wallet.deposit({ amount: amount(20_000n) }));
    }
    trial = new Trial(options, { provider, database, people, acknowledged, url });
    const rounds: Round[] = [];
    for (let n = 1; n <= options.rounds; n += 1) {
      const round = await trial.round(n);
      rounds.push(round);
      options.onRound?.(round);
      if (round.violations.length > 0 || options.signal?.aborted === true) break;
    }
    return { rounds, acknowledged, ends: trial.load.ends };
  } finally {
    await trial?.load.stop();
    for (const person of people) await person.close();
    await provider.stop();
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

type Scene = {
  readonly provider: InstitutionProcess;
  readonly database: Database;
  readonly people: readonly Person[];
  readonly acknowledged: Acknowledged;
  readonly url: string;
};

class Trial {
  readonly load: Load;
  readonly #options: Options;
  readonly #scene: Scene;
  readonly #random: Random;

  constructor(options: Options, scene: Scene) {
    this.#options = options;
    this.#scene = scene;
    this.#random = new Random(options.seed);
    this.load = new Load(scene.people);
  }

  async round(n: number): Promise<Round> {
    const { acknowledged, people, database, provider } = this.#scene;
    const { loadMs = 600, victims } = this.#options;
    const random = this.#random;
    const victim = victims?.[(n - 1) % victims.length] ?? random.pick(database.victims);
    this.load.start(random.fork());
    await sleep(random.integer(loadMs / 10, loadMs));
    const { backends } = database;
    const postmaster = database.postmaster();
    const killed = await kill(victim, { provider, postmaster, backends }, random);
    const dead = performance.now();
    await this.#recover(victim);
    const ready = performance.now();
    if (random.fraction() < 0.5) await sleep(random.integer(0, loadMs / 2));
    await this.load.stop();

    const quiet = performance.now();
    const after = await readBooks(database.url());
    const violations = [...lost(after, acknowledged), ...imbalance(after)];
    const left = unacknowledged(after, acknowledged).length;
    if (violations.length === 0) {
      await converge(people);
      const books = await readBooks(database.url());
      violations.push(
        ...lost(books, acknowledged),
        ...imbalance(books),
        ...unacknowledged(books, acknowledged).map((what) => `${what} was never acknowledged`),
        ...(await unaccounted(books, acknowledged, people)),
        ...acknowledged.contradictions,
      );
    }
    const healed = performance.now();
    const ms = [ready - dead, quiet - ready, healed - quiet].map(Math.round);
    const [recovering = 0, stopping = 0, converging = 0] = ms;
    const times = { recovering, stopping, converging };
    return { ...killed, round: n, unacknowledged: left, ms: times, violations };
  }

  /** As whoever looks after these servers would. */
  async #recover(victim: Victim): Promise<void> {
    const { provider, database, url } = this.#scene;
    const random = this.#random;
    if (victim === "provider" || victim === "both") await provider.kill();
    if (victim !== "provider" && victim !== "backend") {
      await sleep(random.integer(0, 300));
      // A provider whose own PostgreSQL has died is restarted; one that was given a URL waits for it.
      if (database.givenUrl === undefined && provider.isRunning) {
        await (random.fraction() < 0.5 ? provider.kill() : provider.stop());
      }
      await database.restart();
    }
    if (!provider.isRunning) {
      if (random.fraction() < 0.2) {
        // And once more, while it is starting.
        void provider.spawn();
        await sleep(random.integer(50, 1000));
        await provider.kill();
      }
      void provider.spawn();
    }
    await until("the provider to be ready", async () => {
      if (!provider.isRunning) throw new Error("the provider does not start again");
      const answer = await fetch(`${url}/readyz`).catch(() => undefined);
      await answer?.body?.cancel();
      return answer?.ok === true;
    });
  }
}

/** Everybody goes on with what was interrupted, until nothing is left: the same messages, again. */
async function converge(people: readonly Person[]): Promise<void> {
  await until("the wallets to converge", async () => {
    const all = await Promise.all(people.map(converged));
    return all.every(Boolean);
  });
}

/** Whether somebody has nothing left to go on with. */
export async function converged({ wallet, device, received }: Person): Promise<boolean> {
  received.splice(0);
  if (unwrap(await wallet.resume()).length > 0) return false;
  const claimed = await wallet.claim();
  if (!claimed.ok || claimed.value.refused.length > 0) return false;
  return device === undefined || (await wallet.sync()).ok;
}
