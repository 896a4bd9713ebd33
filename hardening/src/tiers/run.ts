import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { amount, unwrap } from "@bezant/protocol";
import { Acknowledged } from "../durability/acknowledged.ts";
import { imbalance, lost, unaccounted, unacknowledged } from "../durability/books.ts";
import { Load, type Ends } from "../durability/load.ts";
import { until } from "../durability/patience.ts";
import { settleIn, type Person } from "../durability/people.ts";
import { converged } from "../durability/run.ts";
import { Random } from "../random.ts";
import { apart, denied, readTiers, type TierBooks } from "./books.ts";
import {
  foundTiers,
  INSTITUTIONS,
  makeFolders,
  type Databases,
  type Fault,
  type InstitutionName,
  type Tiers,
} from "./found.ts";
import {
  institutionsOf,
  isOfPostgres,
  kill,
  VICTIMS,
  type Met,
  type Postgres,
  type Victim,
} from "./killer.ts";
import { ISSUED, Operators } from "./operators.ts";
import type { Relay } from "./relay.ts";

export type Options = {
  readonly rounds: number;
  readonly seed: number;
  readonly databases: Databases;
  /** The server of these databases, where it may be killed as well. */
  readonly postgres?: Postgres;
  /** Of each provider. */
  readonly people?: { readonly payers: number; readonly merchants: number };
  /** Milliseconds of load before each kill, at most. */
  readonly loadMs?: number;
  /** A module that plants a fault in an institution's process, and in whose. */
  readonly fault?: Fault;
  /** Whom to kill, in turn; by default chance decides. */
  readonly victims?: readonly Victim[];
  readonly onRound?: (round: Round) => void;
  readonly signal?: AbortSignal;
  /** Everybody comes to rest, and everything is compared, after so many rounds; after each what was acknowledged must be there. */
  readonly restEvery?: number;
  /** When all rounds are over and everybody is at rest. */
  readonly atTheEnd?: (
    check: () => Promise<readonly string[]>,
    databases: Databases,
  ) => Promise<void>;
};

export type Round = Met & {
  readonly round: number;
  readonly victim: Victim;
  /** Settlement windows that closed while it was down, by order; more close by themselves. */
  readonly missed: number;
  /** In the ledgers after the restart, and nobody had been told. */
  readonly unacknowledged: number;
  readonly ms: { readonly recovering: number; readonly comingToRest: number };
  readonly violations: readonly string[];
};

export type Report = {
  readonly rounds: readonly Round[];
  readonly acknowledged: Acknowledged;
  readonly ends: Ends;
  /** Payments between the providers, and reports, that the central bank has in the end. */
  readonly across: number;
  readonly reports: number;
  readonly relay: Relay["counts"];
};

const EVERYBODY = { payers: 2, merchants: 1 };
const FIRST_DEPOSIT = amount(1000n);
const MISSED = 3;

/** Kills institutions under load, round after round; then nothing may be lost, and nothing counted twice, anywhere. */
export async function runTiers(options: Options): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), "bezant-tiers-"));
  chmodSync(folder, 0o711);
  const tiers = await foundTiers(folder, options.databases, options.fault);
  const acknowledged = new Acknowledged();
  const people: Person[] = [];
  let operators: Operators | undefined;
  let trial: Trial | undefined;
  try {
    await Promise.all(INSTITUTIONS.map((name) => serve(tiers, name)));
    operators = await Operators.at(tiers);
    await operators.begin();
    await settleEverybodyIn(tiers, acknowledged, people, options.people ?? EVERYBODY);
    trial = new Trial(options, { tiers, operators, people, acknowledged });
    const rounds: Round[] = [];
    for (let n = 1; n <= options.rounds; n += 1) {
      const round = await trial.round(n);
      rounds.push(round);
      options.onRound?.(round);
      if (round.violations.length > 0 || options.signal?.aborted === true) break;
    }
    await options.atTheEnd?.(trial.check, options.databases);
    const { bank } = await readTiers(tiers.databases);
    const ends = new Map([...trial.load.ends, ...operators.ends]);
    const relay = tiers.relay.counts;
    const [across, reports] = [bank.payments.length, bank.reports.length];
    return { rounds, acknowledged, ends, across, reports, relay };
  } finally {
    await trial?.stop();
    for (const person of people) await person.close();
    await operators?.close();
    await Promise.all(INSTITUTIONS.map((name) => tiers.processes[name].stop()));
    await tiers.relay.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function serve({ processes }: Tiers, name: InstitutionName): Promise<void> {
  if ((await processes[name].spawn()) !== undefined) return;
  throw new Error(`${name} does not start: ${processes[name].lastWords()}`);
}

async function settleEverybodyIn(
  tiers: Tiers,
  acknowledged: Acknowledged,
  people: Person[],
  { payers, merchants }: { readonly payers: number; readonly merchants: number },
): Promise<void> {
  await makeFolders(tiers);
  for (const town of tiers.towns) {
    for (let i = 0; i < payers + merchants; i += 1) {
      const withDevice = i < payers;
      const name = `${town.home}-${withDevice ? "payer" : "merchant"}${i}`;
      const person = await settleIn({ ...town, acknowledged }, name, { withDevice });
      people.push(person);
      if (withDevice) unwrap(await person.wallet.deposit({ amount: FIRST_DEPOSIT }));
    }
  }
}

type Scene = {
  readonly tiers: Tiers;
  readonly operators: Operators;
  readonly people: readonly Person[];
  readonly acknowledged: Acknowledged;
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
    const { tiers, operators, acknowledged } = this.#scene;
    const { loadMs = 1000, victims, restEvery = 1, rounds, postgres } = this.#options;
    const random = this.#random;
    const all = (Object.keys(VICTIMS) as Victim[]).filter(
      (name) => postgres !== undefined || !isOfPostgres(name),
    );
    const victim = victims?.[(n - 1) % victims.length] ?? random.pick(all);
    tiers.relay.disturb(random.fork());
    this.load.start(random.fork());
    operators.start(random.fork());
    await sleep(random.integer(loadMs / 10, loadMs));
    const met = await kill(tiers, victim, random, postgres);
    const dead = performance.now();
    const missed = await this.#recover(victim);
    const served = performance.now();
    if (random.fraction() < 0.5) await sleep(random.integer(0, loadMs / 2));
    await this.stop();
    const after = await readTiers(tiers.databases);
    const violations = [...lost(after.clients, acknowledged), ...denied(after), ...this.#gone()];
    const left = unacknowledged(after.clients, acknowledged).length;
    const quiet = performance.now();
    const isLast = n === rounds || this.#options.signal?.aborted === true;
    if (violations.length === 0 && (isLast || n % restEvery === 0)) {
      violations.push(...(await this.#converge()));
    }
    const [recovering = 0, comingToRest = 0] = [served - dead, performance.now() - quiet].map(
      Math.round,
    );
    const ms = { recovering, comingToRest };
    return { round: n, victim, missed, ...met, unacknowledged: left, ms, violations };
  }

  async stop(): Promise<void> {
    this.#scene.tiers.relay.disturb(undefined);
    await Promise.all([this.load.stop(), this.#scene.operators.rest()]);
  }

  /** As whoever looks after these servers would. @returns windows that were closed meanwhile */
  async #recover(victim: Victim): Promise<number> {
    const { tiers, operators } = this.#scene;
    const random = this.#random;
    const names = institutionsOf(victim);
    if (isOfPostgres(victim)) await this.#options.postgres?.start();
    const missed = !names.includes("central-bank") && random.fraction() < 0.4 ? MISSED : 0;
    for (let window = 0; window < missed; window += 1) await operators.closeWindow();
    if (random.fraction() < 0.2) {
      // And once more, while they are starting.
      for (const name of names) void tiers.processes[name].spawn();
      await sleep(random.integer(50, 1000));
      await Promise.all(names.map((name) => tiers.processes[name].kill()));
    }
    // One after the other, in an order that chance decides: whoever is first finds the others down.
    for (const name of names.toSorted(() => random.fraction() - 0.5)) await serve(tiers, name);
    return missed;
  }

  /** A server that has lost its database, or another server, waits for it; it does not end. */
  #gone(): readonly string[] {
    const { processes } = this.#scene.tiers;
    return INSTITUTIONS.filter((name) => !processes[name].isRunning).map(
      (name) => `${name} has ended by itself: ${processes[name].lastWords()}`,
    );
  }

  async #converge(): Promise<readonly string[]> {
    let audit: readonly string[] | undefined;
    await until("everything to be settled", async () => {
      audit = await this.#scene.operators.settleAll();
      return audit !== undefined && (await this.#areAllSettled());
    });
    // What the wallets have just brought has to be reported as well.
    await until("the last report to be posted", async () => {
      audit = await this.#scene.operators.settleAll();
      return audit !== undefined;
    });
    return [...(audit ?? []), ...(await this.check())];
  }

  async #areAllSettled(): Promise<boolean> {
    const all = await Promise.all(this.#scene.people.map(converged));
    return all.every(Boolean);
  }

  /** Everything is at rest: all ledgers, what was acknowledged, and what everybody has, say the same. */
  readonly check = async (): Promise<readonly string[]> => {
    const { tiers, acknowledged, people } = this.#scene;
    const books: TierBooks = await readTiers(tiers.databases);
    const { clients } = books;
    return [
      ...lost(clients, acknowledged),
      ...imbalance(clients),
      ...unacknowledged(clients, acknowledged).map((what) => `${what} was never acknowledged`),
      ...(await unaccounted(clients, acknowledged, people)),
      ...acknowledged.contradictions,
      ...apart(books, ISSUED),
    ];
  };
}
