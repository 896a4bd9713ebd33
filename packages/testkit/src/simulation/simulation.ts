import { setImmediate as turn } from "node:timers/promises";
import type { PGlite } from "@electric-sql/pglite";
import type { TrustedApp } from "@bezant/tee";
import { ACTIONS, actionsOf, HEAL, type Action } from "./actions/index.ts";
import type { SignatureMode } from "./cryptography.ts";
import { heal, refill } from "./heal.ts";
import { Violation, type Property } from "./oracle/property.ts";
import { retireOne } from "./retire.ts";
import { CENTRAL_BANK, databaseOver, openProcessDatabase, type ProcessDatabase } from "./pglite.ts";
import { World } from "./world.ts";

export type SimulationOptions = {
  readonly seed: string;
  /** Things that happen: actions that had something to do. */
  readonly steps: number;
  readonly mode?: SignatureMode;
  readonly devices?: number;
  readonly merchants?: number;
  readonly trustedApp?: TrustedApp;
  /** Instead of the seed's own actions. */
  readonly script?: readonly Action[];
  /** Every so many steps everything heals, and goes on. */
  readonly healEvery?: number;
  readonly onProgress?: (steps: number) => void;
  /** Ends the run at the next step; then it heals as at its end. */
  readonly signal?: AbortSignal;
};

export type SimulationReport = {
  readonly seed: string;
  readonly signatures: SignatureMode;
  readonly steps: number;
  readonly messages: number;
  readonly crashes: number;
  readonly payments: number;
  readonly violations: number;
  readonly violation?: {
    readonly property: Property;
    readonly step: number;
    readonly detail: string;
  };
  /** SHA-256 over everything that happened. */
  readonly trace: string;
  /** Everything that was done, up to the violation. */
  readonly actions: readonly Action[];
};

/** Databases to run simulations on, one after the other. */
export class Arena {
  readonly stores: readonly ProcessDatabase[];
  /** Of the central bank, where there is one. */
  readonly centralBank: ProcessDatabase | undefined;

  private constructor(stores: readonly ProcessDatabase[], centralBank?: ProcessDatabase) {
    this.stores = stores;
    this.centralBank = centralBank;
  }

  static async open(providers: number): Promise<Arena> {
    const stores: ProcessDatabase[] = [];
    for (let i = 0; i < providers; i++) stores.push(await openProcessDatabase());
    // One provider alone has nobody to settle with.
    return providers > 1
      ? new Arena(stores, await openProcessDatabase(CENTRAL_BANK))
      : new Arena(stores);
  }

  /** On engines that somebody else keeps, without a central bank. */
  static over(engines: readonly PGlite[]): Arena {
    return new Arena(engines.map((engine) => databaseOver(engine)));
  }

  async release(): Promise<void> {
    for (const store of this.#all()) await store.release();
  }

  async close(): Promise<void> {
    for (const store of this.#all()) await store.close();
  }

  #all(): readonly ProcessDatabase[] {
    return this.centralBank === undefined ? this.stores : [...this.stores, this.centralBank];
  }

  async simulate(options: SimulationOptions): Promise<SimulationReport> {
    for (const store of this.#all()) await store.clear();
    return simulate(options, this);
  }
}

async function simulate(
  options: SimulationOptions,
  { stores, centralBank }: Arena,
): Promise<SimulationReport> {
  const { seed, mode = "stub", devices = 4, merchants = 2, trustedApp } = options;
  const made = { seed, mode, stores, centralBank, devices, merchants };
  const world = new World(trustedApp === undefined ? made : { ...made, trustedApp });
  const run = new Run(world, options);
  const violation = await run.all();
  return {
    seed,
    signatures: mode,
    steps: run.steps,
    messages: world.net.delivered + (world.centralBank?.delivered ?? 0),
    crashes: crashesOf(world),
    payments: world.oracle.books.payments.size,
    violations: violation === undefined ? 0 : 1,
    ...(violation === undefined ? {} : { violation: { ...described(violation), step: run.steps } }),
    trace: world.traceHash(),
    actions: run.actions,
  };
}

function described({ property, message }: Violation): { property: Property; detail: string } {
  return { property, detail: message };
}

class Run {
  steps = 0;
  readonly actions: Action[] = [];
  readonly #world: World;
  readonly #options: SimulationOptions;

  constructor(world: World, options: SimulationOptions) {
    this.#world = world;
    this.#options = options;
  }

  async all(): Promise<Violation | undefined> {
    try {
      await this.#world.found();
      await this.#steps();
      await heal(this.#world);
      return undefined;
    } catch (error) {
      if (error instanceof Violation) return error;
      return new Violation(
        "no crash",
        error instanceof Error ? (error.stack ?? "") : String(error),
      );
    }
  }

  async #steps(): Promise<void> {
    const { script, seed, steps, healEvery = Infinity, onProgress, signal } = this.#options;
    if (script !== undefined) {
      for (const action of script) {
        if (action.do === HEAL) await this.#heal(action);
        else await this.#step(action);
      }
      return;
    }
    const next = actionsOf(seed);
    while (this.steps < steps && signal?.aborted !== true) {
      const action = next();
      if (!(await this.#step(action))) continue;
      if (this.steps % healEvery === 0) {
        await this.#heal({ do: HEAL, u: 0, v: 0, n: 0, chance: this.steps });
      }
      if (this.steps % 1000 === 0) onProgress?.(this.steps);
    }
  }

  /** Not a step: everything works again for a while. */
  async #heal(action: Action): Promise<void> {
    this.actions.push(action);
    this.#world.reseed(action.chance);
    await heal(this.#world);
    await retireOne(this.#world);
    await refill(this.#world);
    const { stores, centralBank } = this.#world.options;
    for (const store of stores) await store.checkpoint();
    await centralBank?.checkpoint();
  }

  async #step(action: Action): Promise<boolean> {
    const world = this.#world;
    const doing = ACTIONS[action.do];
    if (doing === undefined) throw new Error(`no action ${action.do}`);
    world.reseed(action.chance);
    if (!(await doing.run(world, action))) return false;
    await turn();
    this.steps += 1;
    this.actions.push(action);
    world.note(action.do, this.steps);
    if (world.failed !== undefined) throw world.failed;
    world.oracle.check();
    return true;
  }
}

function crashesOf({ users, banks, centralBank }: World): number {
  const wallets = users.flatMap(({ processes }) => processes).map(({ crashes }) => crashes);
  const servers = [...banks, ...(centralBank === undefined ? [] : [centralBank])];
  return [...wallets, ...servers.map(({ crashes }) => crashes)].reduce((sum, one) => sum + one, 0);
}
