import { execFileSync, spawn } from "node:child_process";
import { chownSync, closeSync, existsSync, globSync, mkdirSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import pg from "pg";
import { until } from "./patience.ts";
import type { SeparateServer } from "./separate-server.ts";

const NOBODY = 65_534;
const ROLE = "bezant";

/** The newest PostgreSQL of a Debian machine; undefined where there is none. */
export function findDebianPostgres(): string | undefined {
  const found = globSync("/usr/lib/postgresql/*/bin/initdb").map((file) => join(file, ".."));
  return found.toSorted().at(-1);
}

/** Makes a cluster with these binaries in a folder, reached over TCP with a password, as an operator's is. */
export function debianPostgres(bin: string, folder: string, port: number): SeparateServer {
  const data = join(folder, "data");
  const log = join(folder, "server.log");
  const owner = process.geteuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  if (owner.uid !== undefined) chownSync(folder, owner.uid, owner.gid);
  const env = { PATH: process.env["PATH"] ?? "", LC_ALL: "C" };
  if (!existsSync(data)) {
    const made = ["-D", data, "-U", ROLE, "-E", "UTF8", "--no-sync", "-A", "trust"];
    execFileSync(join(bin, "initdb"), made, { ...owner, env, cwd: folder, stdio: "ignore" });
  }
  const url = `postgresql://${ROLE}@127.0.0.1:${port}/postgres`;
  let pid = 0;
  const launch = async (): Promise<boolean> => {
    // Of a server that was killed; its number may be another process's by now.
    rmSync(join(data, "postmaster.pid"), { force: true });
    const output = openSync(log, "a");
    const settings = ["-c", "listen_addresses=127.0.0.1", "-k", folder];
    const child = spawn(join(bin, "postgres"), ["-D", data, "-p", `${port}`, ...settings], {
      ...owner,
      env,
      cwd: folder,
      stdio: ["ignore", output, output],
    });
    closeSync(output);
    pid = child.pid ?? 0;
    let ended = false;
    child.once("exit", () => (ended = true));
    child.once("error", () => (ended = true));
    await until("PostgreSQL to take connections", async () => ended || answers(url));
    return !ended;
  };
  // Backends of a postmaster that was killed hold its memory for a moment.
  const start = (): Promise<void> => until("PostgreSQL to start", launch);
  return {
    url,
    start,
    postmaster: () => pid,
    stop: async () => {
      process.kill(pid, "SIGINT");
      await until("PostgreSQL to end", () => !existsSync(join(data, "postmaster.pid")));
    },
  };
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("SELECT 1");
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
