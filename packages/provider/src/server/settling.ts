import { setTimeout as sleep } from "node:timers/promises";
import type { Refusal, Result } from "@bezant/protocol";
import type { Settlement } from "../settlement/settle.ts";

/** What a server needs of its log. */
interface Log {
  readonly warn: (what: object, message: string) => void;
  readonly error: (what: object, message: string) => void;
}

export interface Settling {
  /** Answers once nothing is being settled any more. */
  readonly stop: () => Promise<void>;
}

/** Settles again and again, until it is stopped; what fails is in the log, and done the next time. */
export function keepSettling(
  settle: () => Promise<Result<Settlement, Refusal>>,
  everySeconds: number,
  log: Log,
): Settling {
  const stopping = new AbortController();
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        const done = await settle();
        const failed = done.ok ? done.value.failed : [{ step: "all", refusal: done.error }];
        for (const { step, refusal } of failed) {
          log.warn({ step, code: refusal.code, detail: refusal.detail }, "not settled");
        }
      } catch (bug) {
        log.error({ err: bug }, "settling failed");
      }
      const waited = sleep(everySeconds * 1000, undefined, { signal: stopping.signal, ref: false });
      await waited.catch(() => undefined);
    }
  };
  const running = run();
  return {
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}
