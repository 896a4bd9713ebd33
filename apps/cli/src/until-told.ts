import { closeSync, openSync } from "node:fs";
import type { Socket } from "node:net";

/**
 * Waits until this process is told to end: by Ctrl-C, by SIGTERM, because its terminal is gone, or, where it is attached,
 * because whoever started it is gone and with it standard input. A second word changes nothing: it is ending already.
 * @param reads SIGHUP has it read files again, so it ends by that only where its terminal really is gone
 */
export function untilToldToEnd({ attached = false, reads = false } = {}): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => resolve();
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, end);
    const hadTerminal = hasTerminal();
    process.on("SIGHUP", () => {
      if (!reads || (hadTerminal && !hasTerminal())) end();
    });
    if (!attached) return;
    process.stdin.once("end", end).once("error", end).resume();
    // Listening to it is no reason for this process to go on.
    (process.stdin as Partial<Pick<Socket, "unref">>).unref?.();
  });
}

/** A controlling terminal, wherever standard input and output go. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync("/dev/tty", "r"));
    return true;
  } catch {
    return false;
  }
}
