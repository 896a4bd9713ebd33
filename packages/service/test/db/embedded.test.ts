import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { unwrap } from "@bezant/protocol";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { startEmbedded, type EmbeddedPostgres } from "../../src/db/index.ts";
import { temporaryFolder } from "../support/folder.ts";
import { withClient } from "../support/client.ts";

async function run<T>(dataDir: string, use: (server: EmbeddedPostgres) => Promise<T>): Promise<T> {
  const server = unwrap(await startEmbedded(dataDir));
  try {
    return await use(server);
  } finally {
    await server.stop();
  }
}

function write(url: string, value: number): Promise<unknown> {
  return withClient(url, (client) =>
    client
      .query("CREATE TABLE IF NOT EXISTS kept AS SELECT 0 AS value WHERE false")
      .then(() => client.query("INSERT INTO kept VALUES ($1)", [value])),
  );
}

function read(url: string): Promise<unknown[]> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<{ value: number }>("SELECT value FROM kept ORDER BY value");
    return rows.map(({ value }) => value);
  });
}

/** A process of its own that starts the server, writes a row, and lives until it is killed. */
async function startInOtherProcess(dataDir: string) {
  const child = spawn(process.execPath, [join(import.meta.dirname, "start-and-wait.ts"), dataDir], {
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  const exited = once(child, "exit");
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const { url, pid } = JSON.parse(line.toString()) as { url: string; pid: number };
  const kill = async (): Promise<void> => {
    // The whole process group, as a closed terminal does.
    process.kill(-child.pid!, "SIGKILL");
    await exited;
  };
  return { url, pid, kill };
}

describe("the embedded PostgreSQL", () => {
  test("starts from nothing, and keeps what was committed when it is stopped", async () => {
    const dataDir = join(temporaryFolder(), "not", "yet", "there");
    await run(dataDir, async ({ url, adopted }) => {
      expect(adopted).toBe(false);
      await write(url, 1);
    });
    await run(dataDir, async ({ url, adopted }) => {
      expect(adopted).toBe(false);
      expect(await read(url)).toEqual([1]);
    });
  });

  test("starts from an empty folder with a name that needs quoting", async () => {
    const dataDir = join(temporaryFolder(), `an "odd", name's`);
    mkdirSync(dataDir);
    await run(dataDir, async ({ url }) => {
      await write(url, 1);
      expect(await read(url)).toEqual([1]);
    });
  });

  test("recovers when it was killed, at once and with its left-over files in place", async () => {
    const dataDir = temporaryFolder();
    let server = unwrap(await startEmbedded(dataDir));
    for (let round = 1; round <= 3; round += 1) {
      await write(server.url, round);
      const unfinished = withClient(server.url, (client) =>
        client.query("BEGIN; INSERT INTO kept VALUES (99); SELECT pg_sleep(60)"),
      );
      const cut = unfinished.catch((error: unknown) => error);
      await server.kill();
      server = unwrap(await startEmbedded(dataDir));
      expect(await cut).toBeInstanceOf(Error);
      expect(server.adopted).toBe(false);
      expect(await read(server.url)).toEqual([1, 2, 3].slice(0, round));
    }
    await server.stop();
  });

  test("outlives the process that started it, and is adopted by the next", async () => {
    const dataDir = temporaryFolder();
    const other = await startInOtherProcess(dataDir);
    await other.kill();
    await run(dataDir, async ({ url, pid, adopted }) => {
      expect(adopted).toBe(true);
      expect(pid).toBe(other.pid);
      expect(url).toBe(other.url);
      expect(await read(url)).toEqual([7]);
    });
    // PostgreSQL removes it as the last thing that it does.
    expect(existsSync(join(dataDir, "cluster", "postmaster.pid"))).toBe(false);
  });

  test("serves one process at a time", async () => {
    const dataDir = temporaryFolder();
    const other = await startInOtherProcess(dataDir);
    expect(await startEmbedded(dataDir)).toMatchObject({
      ok: false,
      error: { code: "data-folder-in-use" },
    });
    expect(await read(other.url)).toEqual([7]);
    await other.kill();
    await run(dataDir, async ({ url }) => expect(await read(url)).toEqual([7]));
  });

  test("goes to exactly one of two that start together on an empty folder", async () => {
    const dataDir = temporaryFolder();
    const answers = await Promise.all([startEmbedded(dataDir), startEmbedded(dataDir)]);
    const codes = answers.map((answer) => (answer.ok ? "served" : answer.error.code)).toSorted();
    expect(codes).toEqual(["data-folder-in-use", "served"]);
    for (const answer of answers) if (answer.ok) await answer.value.stop();
  });

  test.each(["a stranger", "the server of another folder"])(
    "starts though %s has the number in a left-over file",
    async (who) => {
      const dataDir = temporaryFolder();
      const server = unwrap(await startEmbedded(dataDir));
      await write(server.url, 1);
      await server.kill();
      const file = join(dataDir, "cluster", "postmaster.pid");
      const rest = readFileSync(file, "utf8").split("\n").slice(1);
      expect(rest[6]?.trim()).toBe("ready");
      const takeOver = (pid: number): void => writeFileSync(file, [pid, ...rest].join("\n"));
      const check = () => run(dataDir, async ({ url }) => expect(await read(url)).toEqual([1]));
      if (who === "a stranger") {
        const stranger = spawn("sleep", ["60"]);
        takeOver(stranger.pid!);
        await check();
        stranger.kill();
      } else {
        await run(temporaryFolder(), async ({ pid }) => {
          takeOver(pid);
          await check();
        });
      }
    },
  );

  test("is not taken for ready by what a left-over file says", async () => {
    const dataDir = temporaryFolder();
    const server = unwrap(await startEmbedded(dataDir));
    await write(server.url, 1);
    await server.kill();
    // PostgreSQL cannot go on before somebody writes its configuration into the pipe.
    const configuration = join(dataDir, "cluster", "postgresql.conf");
    const saved = `${configuration}.saved`;
    renameSync(configuration, saved);
    execFileSync("mkfifo", [configuration]);
    const starting = startEmbedded(dataDir);
    const pipe = await open(configuration, "w");
    // It reads the file twice.
    renameSync(saved, configuration);
    await sleep(200);
    await pipe.writeFile(readFileSync(configuration));
    await pipe.close();
    const started = unwrap(await starting);
    expect(await read(started.url)).toEqual([1]);
    await started.stop();
  });

  test("waits for a process of the killed server that still holds its memory", async () => {
    const dataDir = temporaryFolder();
    const server = unwrap(await startEmbedded(dataDir));
    await write(server.url, 1);
    const backend = new pg.Client({ connectionString: server.url });
    backend.on("error", () => undefined);
    await backend.connect();
    const { rows } = await backend.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    const { pid } = rows[0]!;
    process.kill(pid, "SIGSTOP");
    await server.kill();
    const starting = startEmbedded(dataDir);
    await sleep(200);
    process.kill(pid, "SIGCONT");
    const started = unwrap(await starting);
    expect(await read(started.url)).toEqual([1]);
    await started.stop();
  });

  test("listens on a private Unix socket only, and keeps commits durable", async () => {
    const dataDir = temporaryFolder();
    await run(dataDir, async ({ url }) => {
      expect(statSync(join(dataDir, "run")).mode & 0o777).toBe(0o700);
      const settings = await withClient(url, async (client) => {
        const { rows } = await client.query<{ name: string; setting: string }>(
          `SELECT name, setting FROM pg_settings WHERE name IN
             ('listen_addresses', 'fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums')`,
        );
        return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
      });
      expect(settings).toEqual({
        listen_addresses: "",
        fsync: "on",
        full_page_writes: "on",
        synchronous_commit: "on",
        data_checksums: "on",
      });
    });
  });

  test("keeps statements and the details of errors out of its log", async () => {
    const dataDir = temporaryFolder();
    await run(dataDir, ({ url }) =>
      withClient(url, async (client) => {
        await client.query("CREATE TABLE person (name text PRIMARY KEY)");
        await client.query("INSERT INTO person VALUES ('Ada Lovelace')");
        const repeated = client.query("INSERT INTO person VALUES ('Ada Lovelace')");
        await expect(repeated).rejects.toThrow("duplicate key");
      }),
    );
    const log = readFileSync(join(dataDir, "server.log"), "utf8");
    expect(log).toContain("duplicate key");
    expect(log).not.toContain("Ada Lovelace");
  });

  test("finds a place for its socket where the data folder's path is too long", async () => {
    const dataDir = join(temporaryFolder(), "x".repeat(120));
    const folder = await run(dataDir, async ({ url }) => {
      const found = new URL(url).searchParams.get("host")!;
      expect(found.startsWith(dataDir)).toBe(false);
      expect(statSync(found).mode & 0o777).toBe(0o700);
      await write(url, 1);
      expect(await read(url)).toEqual([1]);
      return found;
    });
    rmSync(folder, { recursive: true });
  });

  test("refuses a cluster of another major version, and changes nothing", async () => {
    const dataDir = temporaryFolder();
    await run(dataDir, ({ url }) => write(url, 1));
    const version = join(dataDir, "cluster", "PG_VERSION");
    const own = readFileSync(version, "utf8");
    writeFileSync(version, "17\n");
    expect(await startEmbedded(dataDir)).toMatchObject({
      ok: false,
      error: { code: "data-folder-other-major", message: expect.stringContaining("17") as string },
    });
    writeFileSync(version, own);
    await run(dataDir, async ({ url }) => expect(await read(url)).toEqual([1]));
  });

  test("refuses what is not a data folder of ours", async () => {
    const foreign = temporaryFolder();
    writeFileSync(join(foreign, "PG_VERSION"), "18\n");
    expect(await startEmbedded(foreign)).toMatchObject({ error: { code: "data-folder-foreign" } });

    const broken = temporaryFolder();
    mkdirSync(join(broken, "cluster"));
    expect(await startEmbedded(broken)).toMatchObject({ error: { code: "data-folder-foreign" } });

    const file = join(temporaryFolder(), "file");
    writeFileSync(file, "");
    expect(await startEmbedded(file)).toMatchObject({ error: { code: "data-folder-unusable" } });
  });

  test("says what PostgreSQL said when it does not start", async () => {
    const dataDir = temporaryFolder();
    await run(dataDir, ({ url }) => write(url, 1));
    writeFileSync(join(dataDir, "cluster", "postgresql.conf"), "no_such_setting = 1\n");
    expect(await startEmbedded(dataDir)).toMatchObject({
      error: {
        code: "start-failed",
        message: expect.stringContaining("no_such_setting") as string,
      },
    });
  });
});
