import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 50;

/** Waits until something holds, also on a machine that has much else to do. What never comes to hold is a finding, said by name. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 900_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms for ${what}`);
    await sleep(POLL_MS);
  }
}
