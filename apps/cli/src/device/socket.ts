import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Failure } from "../failure.ts";

/** The room for a path in sockaddr_un on every system that Node runs on (macOS: 104 bytes with the final zero). */
const MAX_PATH = 103;

/**
 * Where a device's trusted OS listens: `run/tee` in its folder or, where that path is too long for a socket, a folder of its own
 * among the temporary files. Either is the same for everybody who asks, and closed to other users.
 */
export function socketOf(folder: string): string {
  const real = realpathSync(folder);
  const inside = insideOf(real);
  if (fits(inside)) return inside;
  const uid = process.geteuid?.() ?? 0;
  const name = `bezant-${uid}-${createHash("sha256").update(real).digest("hex").slice(0, 16)}`;
  const place = [tmpdir(), "/tmp"].map((temporary) => join(temporary, name, "tee")).find(fits);
  if (place === undefined)
    throw new Failure(`there is no short enough path for a socket: ${inside}`);
  ensurePrivate(join(place, ".."), uid);
  return place;
}

/** Removes what is left of the socket of a trusted OS that has ended, where it was not in the device's own folder. */
export function removeSocket(folder: string): void {
  const socket = socketOf(folder);
  if (socket !== insideOf(realpathSync(folder))) rmSync(dirname(socket), { recursive: true });
}

function insideOf(real: string): string {
  return join(real, "run", "tee");
}

function fits(path: string): boolean {
  return Buffer.byteLength(path) <= MAX_PATH;
}

/** In a shared folder somebody else may have been there first. */
function ensurePrivate(folder: string, uid: number): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o077) !== 0) {
    throw new Failure(`${folder} must be a folder of this user alone; remove it`);
  }
}
