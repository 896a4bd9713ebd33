import { closeSync, fsyncSync, mkdirSync, openSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { err, ok, type Result } from "@bezant/protocol";
import { StoreFault, type Change, type Row, type Store } from "../store/store.ts";

const FILE = "wallet.db";
const VERSION = 1;
/** "bzwa": tells a wallet from any other SQLite file. */
const APPLICATION_ID = 0x627a7761;

/**
 * Opens the wallet's store in a folder, which is made if it is not there. One process at a time: the lock is the kernel's and
 * ends with the process, however that ends.
 */
export function openSqliteStore(folder: string): Result<Store, StoreFault> {
  try {
    prepareFolder(folder);
    const database = open(join(folder, FILE));
    try {
      return ok(storeOver(database));
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    return err(toFault(error));
  }
}

function prepareFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if ((statSync(folder).mode & 0o077) !== 0) {
    throw new StoreFault("store-failed", `${folder} is open to others: chmod 700 it`);
  }
  // SQLite gives its other files the mode of this one.
  closeSync(openSync(join(folder, FILE), "a", 0o600));
  const directory = openSync(folder, "r");
  fsyncSync(directory);
  closeSync(directory);
}

function open(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    // In this order: under an exclusive lock the log needs no shared memory.
    database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL");
    database.exec("PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF");
    database.exec("BEGIN EXCLUSIVE");
    migrate(database);
    database.exec("COMMIT");
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function migrate(database: DatabaseSync): void {
  const [check] = Object.values(database.prepare("PRAGMA quick_check(1)").get() ?? {});
  if (check !== "ok") throw new StoreFault("store-corrupt", String(check));
  const version = pragma(database, "user_version");
  if (version === 0 && pragma(database, "application_id") === 0) {
    database.exec(
      `CREATE TABLE record (kind TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,
         PRIMARY KEY (kind, key)) STRICT, WITHOUT ROWID;
       PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${VERSION}`,
    );
  } else if (pragma(database, "application_id") !== APPLICATION_ID) {
    throw new StoreFault("store-corrupt", "this is not a wallet's store");
  } else if (version !== VERSION) {
    throw new StoreFault("store-version", `version ${String(version)}, this is ${VERSION}`);
  }
}

function pragma(database: DatabaseSync, name: string): unknown {
  return Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
}

function storeOver(database: DatabaseSync): Store {
  const get = database.prepare("SELECT value FROM record WHERE kind = ? AND key = ?");
  const list = database.prepare(
    "SELECT key, value FROM record WHERE kind = ? AND key >= ? AND key < ? ORDER BY key",
  );
  const write = database.prepare("INSERT OR REPLACE INTO record VALUES (?, ?, ?)");
  const erase = database.prepare("DELETE FROM record WHERE kind = ? AND key = ?");
  return {
    get: (kind, key) =>
      attempt(() => {
        const row = get.get(kind, key);
        return row === undefined ? undefined : (row["value"] as Uint8Array);
      }),
    list: (kind, prefix = "") =>
      attempt(() => list.all(kind, prefix, `${prefix}\u{10ffff}`) as unknown as Row[]),
    commit: (changes) => attempt(() => commit(database, { write, erase }, changes)),
    close: () =>
      attempt(() => {
        if (database.isOpen) database.close();
      }),
  };
}

function commit(
  database: DatabaseSync,
  { write, erase }: { readonly write: StatementSync; readonly erase: StatementSync },
  changes: readonly Change[],
): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    for (const { kind, key, value } of changes) {
      if (value === undefined) erase.run(kind, key);
      else write.run(kind, key, value);
    }
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

// oxlint-disable-next-line typescript/require-await -- turns what is thrown into a rejection
async function attempt<T>(work: () => T): Promise<T> {
  try {
    return work();
  } catch (error) {
    throw toFault(error);
  }
}

/** SQLite's primary result codes. */
const CODES: Readonly<Record<number, StoreFault["code"]>> = {
  5: "store-locked",
  6: "store-locked",
  11: "store-corrupt",
  13: "store-full",
  26: "store-corrupt",
};

function toFault(error: unknown): StoreFault {
  if (error instanceof StoreFault) return error;
  const { errcode, code, message } = error as Error & { errcode?: number; code?: string };
  if (errcode !== undefined)
    return new StoreFault(CODES[errcode & 0xff] ?? "store-failed", message);
  if (code === "ERR_INVALID_STATE") return new StoreFault("store-closed", message);
  // An errno of the file system; whatever else is thrown here is a bug.
  if (code === undefined || !/^E[A-Z0-9]+$/.test(code) || code.startsWith("ERR_")) throw error;
  return new StoreFault(code === "ENOSPC" ? "store-full" : "store-failed", message);
}
