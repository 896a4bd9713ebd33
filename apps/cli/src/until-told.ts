import type { Socket } from "node:net";

/**
 * Waits until this process is told to end: by Ctrl-C, by SIGTERM, because its terminal is gone, or, where it is attached,
 * because whoever started it is gone and with it standard input. A second word changes nothing: it is ending already.
 */
export function untilToldToEnd({ attached = false } = {}): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => resolve();
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, end);
    if (!attached) return;
    process.stdin.once("end", end).once("error", end).resume();
    // Listening to it is no reason for this process to go on.
    (process.stdin as Partial<Pick<Socket, "unref">>).unref?.();
  });
}
