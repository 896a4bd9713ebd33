export { startEmbedded } from "./embedded/index.ts";
export type { EmbeddedError, EmbeddedErrorCode, EmbeddedPostgres } from "./embedded/index.ts";
export { isSqlState } from "./failure.ts";
export type { DatabaseFailure, Unavailable } from "./failure.ts";
export type { MigrationError } from "./migrate.ts";
export { openDatabase } from "./open.ts";
export type { OpenDatabase, OpenError, OpenOptions } from "./open.ts";
export type { Database, Rows, Statement, Transaction } from "./pool.ts";
export type { ServerError } from "./server-check.ts";
