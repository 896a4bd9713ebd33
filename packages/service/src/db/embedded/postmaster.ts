import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, existsSync, openSync, readSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { ok, type Result } from "@bezant/protocol";
import type { Binaries } from "./binaries.ts";
import type { Cluster } from "./cluster.ts";
import { errno, reason, refuse, type EmbeddedError } from "./error.ts";
import { isPostmasterOf, readPidFile } from "./pid-file.ts";
import { commandAs } from "./run-as.ts";
import { PORT } from "./socket-folder.ts";

export interface Postmaster {
  readonly pid: number;
  readonly socketFolder: string;
  readonly port: number;
  /** It was running before: the process that started it died, or is alive and shares it. */
  readonly adopted: boolean;
}

const POLL_MS = 10;
/** A server that was killed leaves backends which hold the shared memory for a moment. */
const RETRY_AFTER_MS = [100, 200, 400, 800, 1600];
const LOG_LIMIT = 8 * 1024 * 1024;

/** Finds the cluster's postmaster, or starts it and waits until it takes connections. */
export async function runPostmaster(
  cluster: Cluster,
  binaries: Binaries,
  socketFolder: string,
): Promise<Result<Postmaster, EmbeddedError>> {
  for (let attempt = 0; ; attempt += 1) {
    const running = await findRunning(cluster);
    if (running !== undefined) return ok(running);
    const started = await launch(cluster, binaries, socketFolder);
    if (started.ok) return started;
    const wait = RETRY_AFTER_MS[attempt];
    if (wait === undefined) return started;
    await sleep(wait);
  }
}

/** Waits out a server that is coming up or going down; recovery after a crash may take its time. */
async function findRunning({ path }: Cluster): Promise<Postmaster | undefined> {
  for (;;) {
    const found = readPidFile(path);
    if (found === undefined) return undefined;
    if (!isPostmasterOf(found.pid, path)) {
      forgetStale(path, found.pid);
      return undefined;
    }
    if (found.status === "ready") {
      return { pid: found.pid, socketFolder: found.socketFolder, port: found.port, adopted: true };
    }
    await sleep(POLL_MS);
  }
}

/**
 * PostgreSQL refuses to start while any process of its user has the number in a left-over file. Where that process
 * is surely another, the file goes; PostgreSQL still checks its shared memory before it touches the data.
 */
function forgetStale(path: string, pid: number): void {
  if (process.platform === "linux" && existsSync(`/proc/${pid}`)) {
    rmSync(join(path, "postmaster.pid"), { force: true });
  }
}

async function launch(
  cluster: Cluster,
  binaries: Binaries,
  socketFolder: string,
): Promise<Result<Postmaster, EmbeddedError>> {
  const log = join(cluster.dataDir, "server.log");
  if (existsSync(log) && statSync(log).size > LOG_LIMIT) renameSync(log, `${log}.old`);
  const output = openSync(log, "a+", 0o600);
  try {
    const from = statSync(log).size;
    const { file, args, options } = commandAs(
      cluster.runAs,
      binaries.postgres,
      serverArguments(cluster.path, socketFolder),
    );
    // A session of its own: Ctrl-C in the terminal must reach the provider first, which then stops the server.
    // Its output goes to a file and not through a pipe, so that it outlives this process.
    const child = spawn(file, args, {
      ...options,
      detached: true,
      stdio: ["ignore", output, output],
    });
    child.unref();
    if (await becomesReady(child, cluster.path)) {
      return ok({ pid: child.pid ?? 0, socketFolder, port: PORT, adopted: false });
    }
    return refuse("start-failed", `PostgreSQL did not start: ${tail(output, from)}`);
  } catch (error) {
    return refuse("start-failed", `PostgreSQL did not start: ${reason(error)}`);
  } finally {
    closeSync(output);
  }
}

/** Ready is what the file says, as long as it speaks of this very child; a left-over file says it, too. */
async function becomesReady(child: ChildProcess, path: string): Promise<boolean> {
  const ended = new Promise<true>((resolve, reject) => {
    child.once("exit", () => resolve(true));
    child.once("error", reject);
  });
  while (!(await Promise.race([ended, sleep(POLL_MS, false)]))) {
    const found = readPidFile(path);
    if (found?.status === "ready" && found.pid === child.pid) {
      ended.catch(() => undefined);
      return true;
    }
  }
  return false;
}

function serverArguments(path: string, socketFolder: string): string[] {
  const settings = {
    listen_addresses: "",
    // A list, hence the quotes.
    unix_socket_directories: `"${socketFolder.replaceAll('"', '""')}"`,
    unix_socket_permissions: "0700",
    // What makes an acknowledged claim safe is not left to a file that somebody may edit.
    fsync: "on",
    full_page_writes: "on",
    synchronous_commit: "on",
    timezone: "UTC",
    log_timezone: "UTC",
    // Statements and the details of refused rows hold personal data.
    log_min_error_statement: "panic",
    log_error_verbosity: "terse",
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return ["-D", path, "-p", String(PORT), ...options];
}

function tail(file: number, from: number): string {
  const buffer = Buffer.alloc(4096);
  const length = readSync(file, buffer, 0, buffer.length, from);
  return buffer.toString("utf8", 0, length).trim();
}

/** Fast shutdown: ends open transactions, writes everything out; immediate where that hangs. */
export async function stopPostmaster({ pid }: Postmaster, path: string): Promise<void> {
  signal(pid, path, "SIGINT");
  if (await isGone(pid, path, 60_000)) return;
  signal(pid, path, "SIGQUIT");
  if (!(await isGone(pid, path, 10_000))) throw new Error(`PostgreSQL (${pid}) does not stop`);
}

/** What a power cut does to the processes. */
export async function killPostmaster({ pid }: Postmaster, path: string): Promise<void> {
  signal(pid, path, "SIGKILL");
  if (!(await isGone(pid, path, 10_000))) throw new Error(`PostgreSQL (${pid}) does not die`);
}

function signal(pid: number, path: string, name: NodeJS.Signals): void {
  if (!isPostmasterOf(pid, path)) return;
  try {
    process.kill(pid, name);
  } catch (error) {
    if (errno(error) !== "ESRCH") throw error;
  }
}

async function isGone(pid: number, path: string, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (isPostmasterOf(pid, path)) {
    if (performance.now() > deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}
