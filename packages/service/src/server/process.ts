import process from "node:process";
import type { Result } from "@bezant/protocol";

export interface Running {
  readonly url: string;
  /** Finishes what is under way, and frees everything. */
  readonly close: () => Promise<void>;
}

interface Failure {
  readonly code: string;
  readonly message: string;
}

/**
 * Runs a server as a process: one line of JSON once it listens, one when it has stopped; one on standard error, and status 1,
 * where it cannot start. SIGTERM and SIGINT stop it; SIGHUP only
 * has it read files again, where it has any.
 * @param start from the configuration file that the command line names
 */
export async function runProcess(
  start: (file: string) => Promise<Result<Running, Failure>>,
): Promise<void> {
  const file = process.argv[2];
  if (file === undefined) fail({ code: "usage", message: "main.ts CONFIG" });
  const started = await start(file);
  if (!started.ok) fail(started.error);
  const { url, close } = started.value;
  say({ event: "listening", url });

  process.on("SIGHUP", () => undefined);
  let isStopping = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (isStopping) return;
      isStopping = true;
      void close().then(() => say({ event: "stopped" }));
    });
  }
}

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function fail({ code, message }: Failure): never {
  process.stderr.write(`${JSON.stringify({ code, message })}\n`);
  process.exit(1);
}
