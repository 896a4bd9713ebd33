import { spawnSync } from "node:child_process";
import { userInfo } from "node:os";
import { dirname } from "node:path";
import process from "node:process";
import { ok, type Result } from "@bezant/protocol";
import { serverEnvironment, type Binaries } from "./binaries.ts";
import { refuse, type EmbeddedError } from "./error.ts";

/** Under which user PostgreSQL runs: it refuses root. */
export type RunAs =
  | { readonly kind: "self" }
  | { readonly kind: "user"; readonly uid: number; readonly gid: number }
  /** Still our uid towards files, but under another name, and without root's powers if we are root. */
  | { readonly kind: "namespace" };

/** The user nobody of every common Linux. */
const NOBODY = 65534;

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Chooses by the owner of an existing cluster, so that the files of one folder never have two owners;
 * a new cluster goes to nobody where that user can reach the folder, and into a user namespace otherwise.
 * @param owner of the existing cluster, if there is one
 * @param folder that the server must be able to enter, beside its binaries
 */
export function chooseRunAs(
  owner: Owner | undefined,
  folder: string,
  binaries: Binaries,
): Result<RunAs, EmbeddedError> {
  const me = process.geteuid?.() ?? 0;
  if (me !== 0) {
    if (owner === undefined || owner.uid === me) return ok(asSelf(binaries));
    return refuse(
      "data-folder-other-owner",
      `The cluster in ${folder} belongs to uid ${owner.uid}, this process runs as uid ${me}.`,
    );
  }
  if (process.platform !== "linux") {
    return refuse("root-refused", "PostgreSQL does not run as root: use an ordinary user.");
  }
  if (owner === undefined) return chooseForNew(folder, binaries);
  if (owner.uid === 0) return inNamespace(binaries);
  return asUser(owner, folder, binaries);
}

/** Containers run under numbers without a name, which initdb wants; the namespace has one. */
function asSelf(binaries: Binaries): RunAs {
  try {
    userInfo();
  } catch {
    const namespace = inNamespace(binaries);
    if (namespace.ok) return namespace.value;
  }
  return { kind: "self" };
}

function chooseForNew(folder: string, binaries: Binaries): Result<RunAs, EmbeddedError> {
  const user = asUser({ uid: NOBODY, gid: NOBODY }, folder, binaries);
  if (user.ok) return user;
  const namespace = inNamespace(binaries);
  if (namespace.ok) return namespace;
  return refuse("root-refused", `${user.error.message} ${namespace.error.message}`);
}

function asUser(owner: Owner, folder: string, binaries: Binaries): Result<RunAs, EmbeddedError> {
  const runAs: RunAs = { kind: "user", uid: owner.uid, gid: owner.gid };
  // Trying it as that user sees all that modes, ACLs and mounts forbid.
  const closed = !works(runAs, "/bin/sh", ["-c", 'cd -- "$0"', folder])
    ? folder
    : !works(runAs, binaries.postgres, ["--version"])
      ? dirname(binaries.postgres)
      : undefined;
  if (closed === undefined) return ok(runAs);
  return refuse(
    "root-refused",
    `As root, PostgreSQL must run as uid ${owner.uid}, which cannot enter ${closed}: ` +
      "a folder above it is closed to others, as home folders are.",
  );
}

function inNamespace(binaries: Binaries): Result<RunAs, EmbeddedError> {
  const runAs: RunAs = { kind: "namespace" };
  if (works(runAs, binaries.postgres, ["--version"])) return ok(runAs);
  return refuse(
    "root-refused",
    "A folder owned by root needs `unshare` of util-linux 2.36 or newer and a kernel that " +
      "allows user namespaces; here it does not run. Use an ordinary user, or a new data folder.",
  );
}

function works(runAs: RunAs, program: string, args: string[]): boolean {
  const { file, args: all, options } = commandAs(runAs, program, args);
  return spawnSync(file, all, { ...options, stdio: "ignore" }).status === 0;
}

export interface Command {
  readonly file: string;
  readonly args: string[];
  readonly options: { uid?: number; gid?: number; cwd: string; env: NodeJS.ProcessEnv };
}

/** The arguments of `spawn` that run a program so; in each way the child's pid is the program's own. */
export function commandAs(runAs: RunAs, program: string, args: string[]): Command {
  const options = { cwd: "/", env: serverEnvironment() };
  switch (runAs.kind) {
    case "self":
      return { file: program, args, options };
    case "user":
      return { file: program, args, options: { ...options, uid: runAs.uid, gid: runAs.gid } };
    case "namespace": {
      const map = ["--user", `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, "--", program];
      return { file: "unshare", args: [...map, ...args], options };
    }
  }
}

/** The owner that the server's files have on disk, or undefined where that is this process anyway. */
export function ownerAs(runAs: RunAs): Owner | undefined {
  return runAs.kind === "user" ? { uid: runAs.uid, gid: runAs.gid } : undefined;
}
