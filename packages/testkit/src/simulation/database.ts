import { err, ok, type Result } from "@bezant/protocol";
import type { Database, DatabaseFailure, Transaction } from "@bezant/service/db";

/** The server's process died. */
export class BankCrash extends Error {
  override readonly name = "BankCrash";
}

/** What happens to a transaction; `unknown-…` loses the answer of its COMMIT, which happened or did not. */
export const DATABASE_FAULTS = [
  "crash-within",
  "crash-before-commit",
  "crash-after-commit",
  "unknown-undone",
  "unknown-done",
  "unavailable",
] as const;
export type DatabaseFault = (typeof DATABASE_FAULTS)[number];

/** A database some of whose transactions meet a fault. */
export class FaultyDatabase implements Database {
  readonly #database: Database;
  #planned: { readonly fault: DatabaseFault; after: number } | undefined;
  /** Faults that have happened. */
  happened = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The transaction after so many meets this fault. */
  plan(fault: DatabaseFault, after: number): void {
    this.#planned = { fault, after };
  }

  mend(): void {
    this.#planned = undefined;
  }

  query: Database["query"] = (statement, values) => this.#database.query(statement, values);

  async transaction<T, E = never>(
    work: (transaction: Transaction) => Promise<Result<T, E>>,
  ): Promise<Result<T, E | DatabaseFailure>> {
    const fault = this.#next();
    if (fault === undefined) return this.#database.transaction(work);
    this.happened += 1;
    if (fault === "unavailable") {
      return err({ code: "database-unavailable", detail: "planned" });
    }
    if (fault === "crash-within")
      return this.#database.transaction((one) => crashWithin(one, work));
    const isDone = fault === "crash-after-commit" || fault === "unknown-done";
    const ended = await this.#database.transaction(async (transaction) => {
      const answer = await work(transaction);
      if (!answer.ok) return err<Ended<E>>({ refused: answer.error });
      return isDone ? ok(answer.value) : err<Ended<E>>("undone");
    });
    if (!ended.ok && typeof ended.error === "object" && "refused" in ended.error) {
      return err(ended.error.refused);
    }
    if (fault.startsWith("crash")) throw new BankCrash();
    return err({ code: "commit-unknown", detail: "planned" });
  }

  connections: Database["connections"] = () => this.#database.connections();
  close: Database["close"] = () => this.#database.close();

  #next(): DatabaseFault | undefined {
    const planned = this.#planned;
    if (planned === undefined) return undefined;
    if (planned.after > 0) {
      planned.after -= 1;
      return undefined;
    }
    this.#planned = undefined;
    return planned.fault;
  }
}

type Ended<E> = "undone" | { readonly refused: E };

function crashWithin<T, E>(
  transaction: Transaction,
  work: (transaction: Transaction) => Promise<Result<T, E>>,
): Promise<Result<T, E>> {
  let left = 3;
  return work({
    query: (statement, values) => {
      left -= 1;
      if (left < 0) throw new BankCrash();
      return transaction.query(statement, values);
    },
  });
}
