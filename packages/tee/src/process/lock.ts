import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

export type Lock = { readonly release: () => void };

/**
 * Takes a folder for this process alone, or gives undefined where another has it: two trusted OSes over one device
 * would write over each other. SQLite's lock on an empty database is the kernel's, so it ends with the process,
 * however that ends.
 */
export function lockFolder(folder: string): Lock | undefined {
  const database = new DatabaseSync(join(folder, "lock"));
  try {
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
  return { release: () => database.close() };
}

const SQLITE_BUSY = 5;
