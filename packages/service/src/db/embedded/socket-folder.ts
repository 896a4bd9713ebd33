import { createHash } from "node:crypto";
import { chmodSync, chownSync, lstatSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { ok, type Result } from "@bezant/protocol";
import { errno, reason, refuse, type EmbeddedError } from "./error.ts";
import type { Owner } from "./run-as.ts";

/** Only names the socket file: there is no TCP. */
export const PORT = 5432;

/** The room for a path in sockaddr_un, less its closing NUL. */
const MAX_PATH = process.platform === "linux" ? 107 : 103;

/**
 * Makes the folder for the server's socket, closed to all but its owner, since whoever can enter it is let
 * in: `run/` of the data folder, or one in the folder for temporary files where that path is too long.
 * @param owner of the folder to be, where it is not this process
 */
export function openSocketFolder(
  dataDir: string,
  owner: Owner | undefined,
  temporary = [tmpdir(), "/tmp"],
): Result<string, EmbeddedError> {
  const uid = owner?.uid ?? process.geteuid?.() ?? 0;
  const name = createHash("sha256").update(dataDir).digest("hex").slice(0, 16);
  const candidates = [
    join(dataDir, "run"),
    ...temporary.map((folder) => join(folder, `bezant-${uid}-${name}`)),
  ];
  const folder = candidates.find(fits);
  if (folder === undefined) {
    return refuse(
      "socket-folder-unusable",
      `A socket's path may have ${MAX_PATH} bytes; ${candidates.join(" and ")} are too long.`,
    );
  }
  return makePrivate(folder, uid, owner);
}

function fits(folder: string): boolean {
  return Buffer.byteLength(join(folder, `.s.PGSQL.${PORT}`)) <= MAX_PATH;
}

function makePrivate(
  folder: string,
  uid: number,
  owner: Owner | undefined,
): Result<string, EmbeddedError> {
  try {
    mkdirSync(folder, { mode: 0o700 });
    if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
  } catch (error) {
    if (errno(error) !== "EEXIST") {
      return refuse("socket-folder-unusable", `Cannot make ${folder}: ${reason(error)}.`);
    }
  }
  // In a shared folder somebody else may have been there first.
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== uid) {
    return refuse(
      "socket-folder-unusable",
      `${folder} must be a folder of uid ${uid}; it is not. Remove it.`,
    );
  }
  chmodSync(folder, 0o700);
  return ok(folder);
}
