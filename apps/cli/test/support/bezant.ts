import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { inShell } from "./shell.ts";

const MAIN = fileURLToPath(new URL("../../src/main.mjs", import.meta.url));

export type Ran = {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
};

export type RunOptions = {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What is typed or piped in; otherwise there is nothing. */
  readonly input?: string;
};

/**
 * Runs a command line in a folder, with no terminal, in a process that runs others before and after; one that is given input
 * has a process of its own, as all have that are started (below).
 */
export function bezant(args: readonly string[], options: RunOptions): Promise<Ran> {
  const { cwd, env = {}, input } = options;
  return input === undefined ? inShell({ args, cwd, env }) : start(args, options).ended;
}

/** A command line in a process of its own, as a person starts it. */
export type Running = {
  readonly child: ChildProcess;
  readonly ended: Promise<Ran>;
  /** Waits for a line of JSON with these members on standard output, or for the end. */
  readonly said: (members: Readonly<Record<string, unknown>>) => Promise<Record<string, unknown>>;
  /** Waits for these words on standard output, or for the end; gives all that was printed up to then. */
  readonly printed: (words: string) => Promise<string>;
};

export function start(args: readonly string[], { cwd, env = {}, input }: RunOptions): Running {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  child.stdin?.end(input);
  const streams = { stdout: "", stderr: "" };
  let looked = (): void => undefined;
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      streams[name] += text;
      looked();
    });
  }
  const ended = new Promise<Ran>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...streams }));
  });
  const until = <T>(look: () => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      looked = () => {
        const found = look();
        if (found !== undefined) resolve(found);
      };
      looked();
      void ended.then(({ stdout, stderr }) => reject(new Error(`it ended: ${stdout}${stderr}`)));
    });
  return {
    child,
    ended,
    said: (members) =>
      until(() => lines({ ...streams, code: null }).find((line) => includes(line, members))),
    printed: (words) => until(() => (streams.stdout.includes(words) ? streams.stdout : undefined)),
  };
}

function includes(line: Record<string, unknown>, members: Readonly<Record<string, unknown>>) {
  return Object.entries(members).every(([name, value]) => line[name] === value);
}

/** The JSON lines that a command has printed. */
export function lines({ stdout }: Ran): Record<string, unknown>[] {
  return stdout
    .split("\n")
    .slice(0, -1)
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
