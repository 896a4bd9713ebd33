import { join } from "node:path";
import type { Result } from "@bezant/protocol";
import {
  openDatabase as openWith,
  type OpenDatabase,
  type OpenError,
  type OpenOptions,
} from "@bezant/service/db";

export type DatabaseOptions = Omit<OpenOptions, "migrations">;

const MIGRATIONS = join(import.meta.dirname, "..", "migrations");

/** Opens the central bank's database, at the latest migration. */
export function openDatabase(options: DatabaseOptions): Promise<Result<OpenDatabase, OpenError>> {
  return openWith({ ...options, migrations: MIGRATIONS });
}
