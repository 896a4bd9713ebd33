import { err, type Err } from "@bezant/protocol";

/** Why the embedded PostgreSQL cannot serve. Nothing in the data folder is changed by any of these. */
export type EmbeddedErrorCode =
  /** npm installed no PostgreSQL for this platform. */
  | "no-binaries"
  /** The binaries are there but do not run. */
  | "binaries-broken"
  /** The data folder cannot be made, read or entered. */
  | "data-folder-unusable"
  /** The data folder holds something that is not a PostgreSQL cluster of ours. */
  | "data-folder-foreign"
  /** The data folder was written by another major version of PostgreSQL. */
  | "data-folder-other-major"
  /** The data folder belongs to another user. */
  | "data-folder-other-owner"
  /** Another living process serves from this data folder. */
  | "data-folder-in-use"
  /** PostgreSQL refuses to run as root and no way to another user is open. */
  | "root-refused"
  /** No safe folder with a path short enough for a Unix socket. */
  | "socket-folder-unusable"
  | "init-failed"
  | "start-failed";

export interface EmbeddedError {
  readonly code: EmbeddedErrorCode;
  /** For the operator: what is wrong and what to do about it. */
  readonly message: string;
}

export function refuse(code: EmbeddedErrorCode, message: string): Err<EmbeddedError> {
  return err({ code, message });
}

/** The text of anything caught. */
export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `errno` name of a system error, such as `ENOENT`. */
export function errno(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
}
