import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Failure } from "../failure.ts";
import type { ServiceLayout } from "./layout.ts";

const MAIN = fileURLToPath(new URL("../main.mjs", import.meta.url));

/** An institution's server in a process of its own. It ends when this process does. */
export type ServiceProcess = {
  readonly url: string;
  readonly pid: number;
  /** The file that it logs to. */
  readonly log: string;
  /** Process id of its PostgreSQL. */
  readonly databasePid: number;
  /** Settles when the process has ended, however it did. */
  readonly exited: Promise<number | NodeJS.Signals>;
  /** Ends it in good order, its database with it. */
  readonly stop: () => Promise<void>;
};

/** Which server: the command of `bezant` that has a `serve`. */
export type ServiceKind = "central-bank" | "provider" | "manufacturer";

/** Starts a server of a network and waits until it serves. */
export async function spawnService(
  kind: ServiceKind,
  layout: ServiceLayout,
): Promise<ServiceProcess> {
  const log = openSync(layout.log, "a", 0o600);
  // The network's own database, whatever the environment says.
  const { DATABASE_URL: _, NODE_OPTIONS: __, ...env } = process.env;
  const child = spawn(
    process.execPath,
    [MAIN, "--json", kind, "serve", "--config", layout.config, "--attached"],
    // A session of its own: Ctrl-C reaches this process first, which then stops it.
    { stdio: ["pipe", "pipe", log], env, detached: true },
  );
  closeSync(log);
  const exited = exitOf(child);
  const line = await firstLine(child);
  const said = parse(line);
  if (typeof said["url"] !== "string") {
    child.stdin?.end();
    await exited;
    const { failed = line } = said;
    throw new Failure(`The ${kind} does not start: ${String(failed)}. See ${layout.log}.`);
  }
  const database = databasePid(layout) ?? 0;
  return {
    url: said["url"],
    pid: child.pid ?? 0,
    log: layout.log,
    databasePid: database,
    exited,
    stop: async () => {
      child.kill("SIGTERM");
      await exited;
      await endDatabase(layout, database);
    },
  };
}

const POLL_MS = 20;
const PATIENCE_MS = 10_000;

/** A server that was killed leaves its PostgreSQL to the next one; here there is none, so it is told to shut down. */
async function endDatabase(layout: ServiceLayout, pid: number): Promise<void> {
  if (databasePid(layout) !== pid) return;
  process.kill(pid, "SIGINT");
  for (let waited = 0; waited < PATIENCE_MS && databasePid(layout) === pid; waited += POLL_MS) {
    await sleep(POLL_MS);
  }
}

/** From the file that PostgreSQL keeps while it runs. */
function databasePid({ data }: ServiceLayout): number | undefined {
  const file = join(data, "db", "cluster", "postmaster.pid");
  try {
    return Number(readFileSync(file, "utf8").split("\n")[0]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function exitOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
  return new Promise((resolve) => {
    child.once("exit", (status, signal) => resolve(signal ?? status ?? 1));
    child.once("error", () => resolve(1));
  });
}

function firstLine({ stdout }: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    const lines = stdout === null ? undefined : createInterface(stdout);
    lines?.once("line", resolve);
    lines?.once("close", () => resolve(""));
    if (lines === undefined) resolve("");
  });
}

function parse(line: string): Partial<Record<string, unknown>> {
  try {
    return JSON.parse(line) as Partial<Record<string, unknown>>;
  } catch {
    return {};
  }
}
