import { readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { errno } from "./error.ts";

/** What a postmaster tells about itself in `postmaster.pid` (PostgreSQL's pidfile.h). */
export interface PidFile {
  readonly pid: number;
  readonly port: number;
  readonly socketFolder: string;
  /** `ready` once it takes connections; empty while the file is being written. */
  readonly status: string;
}

/** The file of a cluster, or undefined without one. It may be left over from a crash. */
export function readPidFile(cluster: string): PidFile | undefined {
  let text: string;
  try {
    text = readFileSync(join(cluster, "postmaster.pid"), "utf8");
  } catch (error) {
    if (errno(error) === "ENOENT") return undefined;
    throw error;
  }
  const [pid = "", , , port = "", socketFolder = "", , , status = ""] = text.split("\n");
  // A crash can leave an empty file behind.
  if (!/^[1-9]\d*$/.test(pid)) return undefined;
  return { pid: Number(pid), port: Number(port), socketFolder, status: status.trim() };
}

/**
 * Whether the process `pid` is the living postmaster of this cluster. The number alone proves nothing: after
 * a crash, above all of a container, it soon belongs to somebody else.
 * @param cluster the real path of the cluster
 */
export function isPostmasterOf(pid: number, cluster: string): boolean {
  if (process.platform !== "linux") return isAlive(pid);
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [, name, state] = /^\d+ \((.*)\) (\S)/s.exec(stat) ?? [];
    if (state === "Z" || state === "X" || name !== "postgres") return false;
    const folder = workingFolder(pid);
    return folder === undefined || folder === cluster;
  } catch (error) {
    if (errno(error) === "ENOENT" || errno(error) === "ESRCH") return false;
    throw error;
  }
}

/** A postmaster works in its cluster; undefined where the kernel does not let us look. */
function workingFolder(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch (error) {
    if (errno(error) === "EACCES" || errno(error) === "EPERM") return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errno(error) === "EPERM";
  }
}
