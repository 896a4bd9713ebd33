// A process that runs worlds, one after the other, until its parent leaves it.
import process from "node:process";
import { localRunner, type ToldWorker, type WorkerSays } from "./runner.ts";

const stop = new AbortController();
// A terminal tells everybody; what to do, the parent says.
process.on("SIGINT", () => undefined);

const say = (message: WorkerSays): void => {
  if (process.connected) process.send?.(message);
};
const runner = await localRunner(Number(process.argv[2]), stop.signal);

process.on("message", (told: ToldWorker) => {
  if (told.kind === "stop") stop.abort();
  else {
    runner
      .run(told.order, (steps) => say({ kind: "progress", steps }))
      .then(
        (report) => say({ kind: "done", report }),
        (error: unknown) => say({ kind: "failed", why: String(error) }),
      );
  }
});
process.on("disconnect", () => {
  void runner.close();
});
say({ kind: "ready" });
