import { execFile } from "node:child_process";
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { ok, type Result } from "@bezant/protocol";
import type { Binaries } from "./binaries.ts";
import { errno, reason, refuse, type EmbeddedError } from "./error.ts";
import { chooseRunAs, commandAs, ownerAs, type RunAs } from "./run-as.ts";

/** The superuser of the cluster; the provider uses a role that is none. */
export const SUPERUSER = "postgres";

export interface Cluster {
  /** The real path of the data folder. */
  readonly dataDir: string;
  /** The real path of PostgreSQL's own folder in it. */
  readonly path: string;
  readonly runAs: RunAs;
}

/** Opens the cluster of a data folder, making both where they are missing. */
export async function openCluster(
  folder: string,
  binaries: Binaries,
): Promise<Result<Cluster, EmbeddedError>> {
  const made = makeDataFolder(folder);
  if (!made.ok) return made;
  const dataDir = made.value;
  const path = join(dataDir, "cluster");
  const exists = existsSync(path);
  const runAs = chooseRunAs(exists ? statSync(path) : undefined, dataDir, binaries);
  if (!runAs.ok) return runAs;
  const cluster = { dataDir, path, runAs: runAs.value };
  if (exists) {
    const version = checkVersion(path, binaries);
    return version.ok ? ok(cluster) : version;
  }
  const initialised = await initialise(cluster, binaries);
  return initialised.ok ? ok(cluster) : initialised;
}

function makeDataFolder(folder: string): Result<string, EmbeddedError> {
  try {
    // Root's server may be another user, who must be able to pass; everything inside is closed to others.
    mkdirSync(folder, { recursive: true, mode: process.geteuid?.() === 0 ? 0o711 : 0o700 });
    const dataDir = realpathSync(folder);
    if (!existsSync(join(dataDir, "PG_VERSION"))) return ok(dataDir);
    return refuse(
      "data-folder-foreign",
      `${dataDir} is itself a cluster, of some other PostgreSQL. Give ours a folder of its own.`,
    );
  } catch (error) {
    return refuse("data-folder-unusable", `Cannot use ${folder}: ${reason(error)}.`);
  }
}

/** Data folders do not cross major versions. */
function checkVersion(path: string, { major }: Binaries): Result<void, EmbeddedError> {
  let version: string;
  try {
    version = readFileSync(join(path, "PG_VERSION"), "utf8").trim();
  } catch (error) {
    const code = errno(error) === "ENOENT" ? "data-folder-foreign" : "data-folder-unusable";
    return refuse(code, `${path} cannot be read as a cluster: ${reason(error)}.`);
  }
  if (version === String(major)) return ok(undefined);
  return refuse(
    "data-folder-other-major",
    `${path} was written by PostgreSQL ${version}; this release brings PostgreSQL ${major}. ` +
      `Dump it with PostgreSQL ${version} and restore it into a new data folder.`,
  );
}

/** Makes the cluster under another name first: a crash half way must not leave a folder that looks whole. */
async function initialise(
  cluster: Cluster,
  binaries: Binaries,
): Promise<Result<void, EmbeddedError>> {
  removeAbandoned(cluster.dataDir);
  const draft = mkdtempSync(join(cluster.dataDir, `initialising-${process.pid}-`));
  try {
    const owner = ownerAs(cluster.runAs);
    if (owner !== undefined) chownSync(draft, owner.uid, owner.gid);
    const { file, args, options } = commandAs(cluster.runAs, binaries.initdb, [
      `--pgdata=${draft}`,
      `--username=${SUPERUSER}`,
      "--encoding=UTF8",
      // Sorting by bytes: no update of a locale library can ever invalidate an index.
      "--no-locale",
      "--data-checksums",
      "--auth-local=trust",
      "--auth-host=reject",
      "--no-instructions",
    ]);
    await promisify(execFile)(file, args, options);
    renameSync(draft, cluster.path);
    return ok(undefined);
  } catch (error) {
    // Another process was faster; its cluster is as good.
    if (errno(error) === "ENOTEMPTY" || errno(error) === "EEXIST") return ok(undefined);
    return refuse("init-failed", `Cannot make a cluster in ${cluster.dataDir}: ${reason(error)}`);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function removeAbandoned(dataDir: string): void {
  for (const name of readdirSync(dataDir)) {
    const pid = /^initialising-(\d+)-/.exec(name)?.[1];
    if (pid === undefined || isRunning(Number(pid))) continue;
    rmSync(join(dataDir, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errno(error) === "EPERM";
  }
}
