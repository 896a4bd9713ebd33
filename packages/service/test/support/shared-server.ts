// One PostgreSQL for a whole run of tests: to make and start one for each file took longer than most files' tests.
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { unwrap } from "@bezant/protocol";
import { startEmbedded, type EmbeddedPostgres } from "../../src/db/index.ts";

/** Names a socket that answers with the URL of the run's PostgreSQL. */
export const SHARED = "BEZANT_TEST_POSTGRES";

/** Vitest's global set-up: the server starts when the first test file asks for it, and stops with the run. */
export async function setup(): Promise<() => Promise<void>> {
  const folders = ["data", "ask"].map((name) => mkdtempSync(join(tmpdir(), `bezant-${name}-`)));
  const [data, ask] = folders as [string, string];
  let started: Promise<EmbeddedPostgres> | undefined;
  const asked = createServer((socket) => {
    started ??= startEmbedded(data).then(unwrap);
    started.then(
      ({ url }) => socket.end(url),
      (error: unknown) => socket.destroy(error as Error),
    );
    socket.on("error", () => undefined);
  });
  const path = join(ask, "socket");
  await listening(asked, path);
  process.env[SHARED] = path;
  return async () => {
    asked.close();
    const server = await started?.catch(() => undefined);
    if (server !== undefined) await endAtOnce(server);
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  };
}

/** PostgreSQL's immediate shutdown: what one in good order writes out is for nobody, and killed it would leave memory behind. */
export async function endAtOnce({ pid }: Pick<EmbeddedPostgres, "pid">): Promise<void> {
  process.kill(pid, "SIGQUIT");
  while (isRunning(pid)) await sleep(10);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
}
