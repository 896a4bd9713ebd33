import type { Database } from "@bezant/service/db";

/** The process ends here; what it has committed stays. */
class Crash extends Error {}

/** Counts what a process writes and says, and ends it right after one of these steps. */
export class CrashPlan {
  passed = 0;
  #at = -1;

  /** To be cut off after its step number `at`, counted from 0. */
  plan(at: number): void {
    this.passed = 0;
    this.#at = at;
  }

  /** Whether it has come to the planned end. */
  hasCrashed(): boolean {
    return this.#at >= 0 && this.passed > this.#at;
  }

  async pass<T>(step: () => Promise<T>): Promise<T> {
    if (this.hasCrashed()) throw new Crash();
    const done = await step();
    this.passed += 1;
    if (this.hasCrashed()) throw new Crash();
    return done;
  }
}

/** A database whose process may end after any statement or transaction. */
export function watched(db: Database, plan: CrashPlan): Database {
  return {
    query: (...statement) => plan.pass(() => db.query(...statement)),
    transaction: (work) => plan.pass(() => db.transaction(work)),
    connections: () => db.connections(),
    close: () => db.close(),
  };
}

/** What a process comes to; undefined: it crashed. */
export async function unlessCrashed<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Crash) return undefined;
    throw error;
  }
}
