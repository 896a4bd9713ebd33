import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Arena } from "../simulation.ts";
import type { WorldOrder, WorldReport } from "./totals.ts";

export type OnProgress = (steps: number) => void;

/** Runs one world after the other. */
export type Runner = {
  /** What is begun ends at its next step when the run is stopped, and heals. */
  readonly run: (order: WorldOrder, onProgress: OnProgress) => Promise<WorldReport>;
  readonly close: () => Promise<void>;
};

/** In this process. */
export async function localRunner(providers: number, signal: AbortSignal): Promise<Runner> {
  const arena = await Arena.open(providers);
  return {
    run: async (order, onProgress) => {
      const { actions: _, ...report } = await arena.simulate({ ...order, onProgress, signal });
      return report;
    },
    close: () => arena.close(),
  };
}

const WORKER = fileURLToPath(new URL("./worker.ts", import.meta.url));

/** From the worker: it is ready, so far it is, this came of it, or it cannot go on. */
export type WorkerSays =
  | { readonly kind: "ready" }
  | { readonly kind: "progress"; readonly steps: number }
  | { readonly kind: "done"; readonly report: WorldReport }
  | { readonly kind: "failed"; readonly why: string };

export type ToldWorker = { readonly kind: "run"; readonly order: WorldOrder } | { kind: "stop" };

/** In a process of its own. */
export async function forkedRunner(providers: number, signal: AbortSignal): Promise<Runner> {
  const stdio = ["ignore", "inherit", "inherit", "ipc"] as const;
  const child = fork(WORKER, [String(providers)], { stdio: [...stdio] });
  signal.addEventListener("abort", () => tell(child, { kind: "stop" }));
  await hear(child, () => undefined);
  return {
    run: async (order, onProgress) => {
      tell(child, { kind: "run", order });
      const said = await hear(child, onProgress);
      if (said.kind !== "done") throw new Error("the worker has no report");
      return said.report;
    },
    close: async () => {
      if (child.exitCode !== null) return;
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
    },
  };
}

function tell(child: ChildProcess, message: ToldWorker): void {
  if (child.connected) child.send(message);
}

/** The next thing that is not progress. */
async function hear(child: ChildProcess, onProgress: OnProgress): Promise<WorkerSays> {
  const waiting = new AbortController();
  const { signal } = waiting;
  const ended = once(child, "exit", { signal }).then(([code]) => {
    throw new Error(`a worker ended with ${code}`);
  });
  ended.catch(() => undefined);
  try {
    for (;;) {
      const said = await Promise.race([once(child, "message", { signal }), ended]);
      const [message] = said as unknown as [WorkerSays];
      if (message.kind === "failed") throw new Error(message.why);
      if (message.kind !== "progress") return message;
      onProgress(message.steps);
    }
  } finally {
    waiting.abort();
  }
}
