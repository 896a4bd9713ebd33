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

const idle: ChildProcess[] = [];
const waiting: ((shell: ChildProcess) => void)[] = [];
let started = 0;

/** Runs a command line in a process that has loaded the program already, and that no other uses meanwhile. */
export async function inShell(line: CommandLine): Promise<Ran> {
  const shell = await take();
  const answered = once(shell, "message");
  const ended = once(shell, "exit").then(([code]) => {
    throw new Error(`${line.args.join(" ")} ended the process: ${code}`);
  });
  ended.catch(() => undefined);
  shell.send(line);
  const [ran] = (await Promise.race([answered, ended])) as [Ran];
  const next = waiting.shift();
  if (next === undefined) idle.push(shell);
  else next(shell);
  return ran;
}

function take(): Promise<ChildProcess> | ChildProcess {
  const shell = idle.pop();
  if (shell !== undefined) return shell;
  if (started === MOST) return new Promise((resolve) => waiting.push(resolve));
  started += 1;
  const child = fork(PROCESS, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  child.unref();
  child.channel?.unref();
  return child;
}
