import { fork, type ChildProcess } from "node:child_process";
import { chmodSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { after } from "./clock.ts";
import type { Answer, Order } from "./messages.ts";

const WORKER = fileURLToPath(new URL("./worker.ts", import.meta.url));
/** Loading all modules; and what a test, the start of a database included, may take beyond ten times what it took without a mutant. */
const LOADING_MS = 120_000;
const PATIENCE_MS = 60_000;
type Surveyed = Extract<Answer, { kind: "surveyed" }>;

/** A process that tries mutants one after the other. It is replaced when one of them hangs or spoils it. */
export class Worker {
  readonly #plan: string;
  #child: ChildProcess | undefined;
  #temporary = "";
  #generations = 0;
  #received: Answer[] = [];
  #arrived: ((answer: Answer | undefined) => void) | undefined;

  constructor(plan: string) {
    this.#plan = plan;
  }

  /** Starts the process and has it run every test once. */
  async survey(): Promise<Surveyed> {
    await this.#start();
    const surveyed = await this.#ask({ kind: "survey" }, 3_600_000);
    if (surveyed?.kind !== "surveyed") throw new Error("the tests do not end");
    return surveyed;
  }

  /** Another process in the place of one that has ended, or has loaded everything anew too often; with these tests loaded. */
  async keep(generations: number, files: readonly string[]): Promise<void> {
    if (this.#child !== undefined && this.#generations <= generations) return;
    await this.#start();
    const loaded = await this.#ask({ kind: "load", files }, 10 * LOADING_MS);
    if (loaded?.kind !== "loaded") throw new Error("the tests do not load again");
  }

  async #start(): Promise<void> {
    this.stop();
    this.#generations = 0;
    // Short, for sockets, and open to a database that runs as another user.
    this.#temporary = mkdtempSync(join(tmpdir(), "bzm-"));
    chmodSync(this.#temporary, 0o711);
    this.#child = fork(WORKER, [this.#plan], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      execArgv: ["--disable-warning=ExperimentalWarning"],
      // The stream of commands of the differential test is a short one.
      env: { ...process.env, BEZANT_SEED: "1", BEZANT_COMMANDS: "2000", TMPDIR: this.#temporary },
    });
    this.#listenTo(this.#child);
    const ready = await this.#next(LOADING_MS);
    if (ready?.kind !== "ready") throw new Error("the tests do not load");
  }

  /** Undefined: it hung, or ended; the process has been ended. */
  async try(order: Extract<Order, { kind: "try" }>): Promise<Answer | undefined> {
    if (order.fresh) this.#generations += 1;
    const times = new Map(order.tests.map(({ name, ms }) => [name, ms]));
    let answer = await this.#ask(order, LOADING_MS);
    while (answer?.kind === "began") {
      answer = await this.#next(PATIENCE_MS + 10 * (times.get(answer.test) ?? 0));
    }
    if (answer === undefined) this.stop();
    return answer;
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

  /** The next message; several may have come together. */
  #next(withinMs: number): Promise<Answer | undefined> {
    const answer = this.#received.shift();
    const isOver = this.#child?.exitCode !== null || this.#child.signalCode !== null;
    if (answer !== undefined || isOver) return Promise.resolve(answer);
    return new Promise((settle) => {
      const cancel = after(withinMs, () => this.#arrived?.(undefined));
      this.#arrived = (arrived) => {
        this.#arrived = undefined;
        cancel();
        settle(arrived);
      };
    });
  }

  #listenTo(child: ChildProcess): void {
    this.#received = [];
    child.on("message", (message) => {
      if (child !== this.#child) return;
      if (this.#arrived === undefined) this.#received.push(message as Answer);
      else this.#arrived(message as Answer);
    });
    child.on("exit", () => {
      if (child === this.#child) this.#arrived?.(undefined);
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
