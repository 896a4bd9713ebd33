import { unwrap } from "@bezant/protocol";
import { createDatabase, useServer } from "@bezant/service/testing";
import type { Database } from "@bezant/service/db";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { openDatabase, type OpenDatabase } from "../../../src/database.ts";
import { createProvider, DEFAULT_POLICY, isBalanced, type Settlement } from "../../../src/index.ts";
import { TestCentralBank, type LinkFault } from "./central-bank.ts";
import { foundInstitutions, foundManufacturer, makeWorld, TestClock, type World } from "./index.ts";

/** The process ends here; what it has committed stays. */
class Crash extends Error {}

/** Counts what a process does with its database and its central bank, and ends it at one of these places. */
export class CrashPlan {
  passed = 0;
  #at: number | undefined;
  #when: "before" | "after" = "before";

  plan(at: number, when: "before" | "after"): void {
    this.passed = 0;
    this.#at = at;
    this.#when = when;
  }

  clear(): void {
    this.#at = undefined;
    this.passed = 0;
  }

  async pass<T>(work: () => Promise<T>): Promise<T> {
    const isHere = this.passed === this.#at;
    this.passed += 1;
    if (!isHere) return work();
    this.#at = undefined;
    if (this.#when === "after") await work();
    throw new Crash();
  }
}

/** A provider that settles, and everything that may go wrong with it. */
export interface Settler {
  readonly world: World;
  readonly crashes: CrashPlan;
  /** Of its way to the central bank. */
  readonly faults: LinkFault[];
  /** Reserves that the central bank has issued to it, in total. */
  issued: bigint;
  readonly issue: (x: bigint) => void;
  /** Runs one settling in a process of its own; undefined: it crashed. */
  readonly settle: () => Promise<Settlement | undefined>;
}

/** Settles and expects that nothing was left undone. */
export async function settleWell({ settle }: Settler): Promise<Settlement> {
  const done = await settle();
  expect(done?.failed).toEqual([]);
  return done!;
}

export interface Settled {
  readonly bank: TestCentralBank;
  readonly clock: TestClock;
  readonly alpha: Settler;
  readonly beta: Settler;
}

export const RESERVES = 1_000_000n;

/** A central bank, and two providers on databases of their own, with reserves and an allowance each. */
export function useSettled(): () => Settled {
  const server = useServer();
  const databases: OpenDatabase[] = [];
  let settled: Settled | undefined;

  const makeSettler = async (
    id: string,
    { bank, clock, institutions, manufacturer }: Parts,
  ): Promise<Settler> => {
    const db = unwrap(await openDatabase({ databaseUrl: await createDatabase(server()) }));
    databases.push(db);
    const [crashes, link] = [new CrashPlan(), bank.link()];
    const centralBank = {
      post: (...said: Parameters<typeof link.post>) => crashes.pass(() => link.post(...said)),
    };
    const settlement = { allowanceStep: 10_000n };
    const policy = { ...DEFAULT_POLICY, settlement };
    const options = { id, clock, institutions, manufacturer, policy: { settlement }, centralBank };
    const world = await makeWorld(db, options);
    bank.open(world.id);
    const watched = watch(db, crashes);
    const parts = { ...world.parts, db: watched, policy: { ...policy, ...world.parts.policy } };
    const settler: Settler = {
      world,
      crashes,
      faults: link.faults,
      issued: 0n,
      issue: (x) => {
        bank.issue(world.id, x);
        settler.issued += x;
      },
      settle: async () => {
        try {
          const provider = unwrap(await createProvider(parts));
          return unwrap(await provider.settle());
        } catch (error) {
          if (error instanceof Crash) return undefined;
          throw error;
        }
      },
    };
    settler.issue(RESERVES);
    await settleWell(settler);
    return settler;
  };

  beforeAll(async () => {
    const [institutions, manufacturer, clock] = [
      foundInstitutions(),
      foundManufacturer(),
      new TestClock(),
    ];
    const bank = new TestCentralBank(institutions, clock);
    const parts = { bank, clock, institutions, manufacturer };
    const alpha = await makeSettler("alpha", parts);
    settled = { bank, clock, alpha, beta: await makeSettler("beta", parts) };
  });
  afterAll(async () => {
    for (const db of databases) await db.close();
  });
  return () => settled!;
}

interface Parts {
  readonly bank: TestCentralBank;
  readonly clock: TestClock;
  readonly institutions: ReturnType<typeof foundInstitutions>;
  readonly manufacturer: ReturnType<typeof foundManufacturer>;
}

function watch(db: Database, crashes: CrashPlan): Database {
  return {
    query: (...statement) => crashes.pass(() => db.query(...statement)),
    transaction: (work) => crashes.pass(() => db.transaction(work)),
    connections: () => db.connections(),
    close: () => db.close(),
  };
}

/** Everybody settles, the central bank closes its window, and everybody hears of it: nothing is on its way any more. */
export async function comeToRest({ bank, alpha, beta }: Settled): Promise<void> {
  for (const one of [alpha, beta, alpha, beta]) await settleWell(one);
  bank.closeWindow();
  for (const one of [alpha, beta]) await settleWell(one);
}

/** Whatever happened: at rest all money is where it belongs, to the unit, at the central bank and at both providers. */
export function expectConservation(settled: () => Settled): void {
  afterEach(async () => {
    const { bank, alpha, beta } = settled();
    await comeToRest(settled());
    expect(bank.isBalanced()).toBe(true);
    expect(bank.conflicts).toEqual([]);
    let [offline, interbank] = [0n, 0n];
    for (const { world, issued } of [alpha, beta]) {
      const supply = unwrap(await world.provider.audit());
      expect({ tampered: supply.tampered, mismatches: supply.mismatches }).toEqual({
        tampered: [],
        mismatches: [],
      });
      expect(isBalanced(supply)).toBe(true);
      const { online, suspense, reserves } = supply.balances;
      const { reserves: held, prefund, loss } = bank.of(world.id);
      // What it has there is its clients' money, and what is left of its own.
      expect(held + prefund).toBe(online + suspense + issued + reserves);
      expect(loss).toBe(0n);
      offline += supply.balances.offline;
      interbank += supply.balances.interbank;
    }
    expect({ offline, interbank, loss: bank.loss }).toEqual({
      offline: bank.circulation,
      interbank: 0n,
      loss: 0n,
    });
  });
}
