import { fork, type ChildProcess } from "node:child_process";
import { chmodSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Answer, Order } from "./messages.ts";

const WORKER = fileURLToPath(new URL("./worker.ts", import.meta.url));
type Surveyed = Extract<Answer, { kind: "surveyed" }>;

/** A process that tries mutants one after the other. It is replaced when one of them hangs or spoils it. */
export class Worker {
  readonly #plan: string;
  #child: ChildProcess | undefined;
  #temporary = "";

  constructor(plan: string) {
    this.#plan = plan;
  }

  /** Starts the process and has it run every test once. */
  async survey(): Promise<Surveyed> {
    this.stop();
    // Short, for sockets, and open to a database that runs as another user.
    this.#temporary = mkdtempSync(join(tmpdir(), "bzm-"));
    chmodSync(this.#temporary, 0o711);
    this.#child = fork(WORKER, [this.#plan], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      execArgv: ["--disable-warning=ExperimentalWarning"],
      // The stream of commands of the differential test is a short one.
      env: { ...process.env, BEZANT_SEED: "1", BEZANT_COMMANDS: "2000", TMPDIR: this.#temporary },
    });
    const ready = await this.#next(120_000);
    if (ready?.kind !== "ready") throw new Error("the tests do not load");
    const surveyed = await this.#ask({ kind: "survey" }, 3_600_000);
    if (surveyed?.kind !== "surveyed") throw new Error("the tests do not end");
    return surveyed;
  }

  /** Undefined: it hung, or ended; the process has been ended. */
  async try(order: Order, withinMs: number): Promise<Answer | undefined> {
    const answer = await this.#ask(order, withinMs);
    if (answer === undefined) this.stop();
    return answer;
  }

  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  stop(): void {
    if (this.#child === undefined) return;
    this.#child.kill("SIGKILL");
    this.#child = undefined;
    endServers(this.#temporary);
    rmSync(this.#temporary, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  #ask(order: Order, withinMs: number): Promise<Answer | undefined> {
    const answer = this.#next(withinMs);
    this.#child?.send(order);
    return answer;
  }

  #next(withinMs: number): Promise<Answer | undefined> {
    const child = this.#child;
    return new Promise((settle) => {
      const done = (answer?: unknown): void => {
        clearTimeout(timer);
        child?.off("message", done);
        child?.off("exit", ended);
        settle(answer as Answer | undefined);
      };
      const ended = (): void => done();
      const timer = setTimeout(() => done(), withinMs);
      child?.on("message", done);
      child?.on("exit", ended);
    });
  }
}

/** Databases of the tests outlive whoever has started them. */
function endServers(folder: string): void {
  for (const file of globSync("**/postmaster.pid", { cwd: folder })) {
    const pid = Number(readFileSync(join(folder, file), "utf8").split("\n")[0]);
    try {
      process.kill(pid, "SIGQUIT");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}
