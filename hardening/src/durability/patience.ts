import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 50;
/** So long it waits without a word. */
const SILENT_MS = 30_000;

/** Waits until something holds, also on a machine that has much else to do. What never comes to hold is a finding, said by name. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 900_000,
): Promise<void> {
  const begun = performance.now();
  let said = begun;
  while (!(await holds())) {
    const now = performance.now();
    if (now - begun > withinMs) throw new Error(`waited ${withinMs} ms for ${what}`);
    if (now - said > SILENT_MS) {
      said = now;
      process.stderr.write(`waiting for ${what}, ${Math.round((now - begun) / 1000)} s so far\n`);
    }
    await sleep(POLL_MS);
  }
}
