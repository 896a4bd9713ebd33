import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Ran } from "./bezant.ts";

const PROCESS = fileURLToPath(new URL("shell-process.ts", import.meta.url));

export type CommandLine = {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
};

/** So many command lines at once; a test in which one waits for another needs two. */
const MOST = 3;

type Shell = {
  readonly child: ChildProcess;
  /** Rejects when the process has ended, which none does by itself. */
  readonly ended: Promise<never>;
};

const idle: Shell[] = [];
const waiting: ((shell: Shell) => void)[] = [];
let started = 0;

/** Runs a command line in a process that has loaded the program already, and that no other uses meanwhile. */
export async function inShell(line: CommandLine): Promise<Ran> {
  const shell = idle.pop() ?? (await next());
  const answered = once(shell.child, "message") as Promise<[Ran]>;
  shell.child.send(line);
  const [ran] = await Promise.race([answered, shell.ended]);
  const other = waiting.shift();
  if (other === undefined) idle.push(shell);
  else other(shell);
  return ran;
}

function next(): Promise<Shell> | Shell {
  if (started === MOST) return new Promise((resolve) => waiting.push(resolve));
  started += 1;
  const child = fork(PROCESS, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  child.unref();
  child.channel?.unref();
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`a command line ended its process: ${code}`);
  });
  ended.catch(() => undefined);
  return { child, ended };
}
