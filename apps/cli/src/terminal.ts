import { once } from "node:events";
import { createInterface, type ReadLineOptions } from "node:readline/promises";
import { Writable } from "node:stream";
import { EXIT } from "./exit-codes.ts";
import { Failure } from "./failure.ts";

/** Whether a person can be asked. */
export function isInteractive(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** Asks for something that must not be seen. */
export async function askSecret(question: string): Promise<string> {
  const silent = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  process.stderr.write(question);
  try {
    return await ask("", { input: process.stdin, output: silent, terminal: true });
  } finally {
    process.stderr.write("\n");
  }
}

/** Yes or no; anything but yes is no. */
export async function confirm(question: string): Promise<boolean> {
  const answer = await ask(`${question} [y/N] `, { input: process.stdin, output: process.stderr });
  return /^y(es)?$/i.test(answer.trim());
}

async function ask(question: string, streams: ReadLineOptions): Promise<string> {
  const terminal = createInterface(streams);
  try {
    // Ctrl-D closes it, and then there is no answer any more.
    const closed = once(terminal, "close").then(() => "");
    return await Promise.race([terminal.question(question), closed]);
  } catch (error) {
    if ((error as Error).name !== "AbortError") throw error;
    throw new Failure("Stopped: nothing was done.", EXIT.interrupted);
  } finally {
    terminal.close();
  }
}
