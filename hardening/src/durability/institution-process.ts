import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const MAINS = {
  provider: fileURLToPath(import.meta.resolve("@bezant/provider/main")),
  "central-bank": fileURLToPath(import.meta.resolve("@bezant/central-bank/main")),
};

export type InstitutionOptions = {
  readonly kind: keyof typeof MAINS;
  readonly config: string;
  readonly log: string;
  /** Folder of compiled code: it starts hundreds of times. */
  readonly cache: string;
  /** Absent: it brings its own PostgreSQL. */
  readonly databaseUrl?: string | undefined;
  /** A module that is loaded first, to plant a fault. */
  readonly fault?: URL | undefined;
};

/** An institution's server, as an operator runs it: `main.ts` of its package. */
export class InstitutionProcess {
  readonly #options: InstitutionOptions;
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();

  constructor(options: InstitutionOptions) {
    this.#options = options;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  /** Starts it; answers at once, with what it says once it serves, or undefined where it ends before. */
  spawn(): Promise<string | undefined> {
    const { kind, config, log, cache, databaseUrl, fault } = this.#options;
    const { DATABASE_URL: _, NODE_OPTIONS: __, ...inherited } = process.env;
    const env = { NODE_COMPILE_CACHE: cache, ...inherited };
    const errors = openSync(log, "a", 0o600);
    const preload = fault === undefined ? [] : ["--import", fault.href];
    const child = spawn(process.execPath, [...preload, MAINS[kind], config], {
      stdio: ["ignore", "pipe", errors],
      env: databaseUrl === undefined ? env : { ...env, DATABASE_URL: databaseUrl },
    });
    closeSync(errors);
    const output = child.stdout;
    if (output === null) throw new Error("no pipe");
    this.#child = child;
    this.#exited = new Promise<void>((settle) => {
      child.once("error", () => settle());
      child.once("exit", () => settle());
    }).then(() => {
      if (this.#child === child) this.#child = undefined;
    });
    return new Promise((settle) => {
      const lines = createInterface(output);
      lines.once("line", settle);
      lines.once("close", () => settle(undefined));
    });
  }

  /** The end of its log. */
  lastWords(): string {
    return readFileSync(this.#options.log, "utf8").slice(-1000);
  }

  /** SIGKILL, and waits for its end. */
  kill(): Promise<void> {
    this.#child?.kill("SIGKILL");
    return this.#exited;
  }

  /** SIGTERM, and waits for its end. */
  stop(): Promise<void> {
    this.#child?.kill("SIGTERM");
    return this.#exited;
  }
}
