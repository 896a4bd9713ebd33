/**
 * Waits until this process is told to end: by Ctrl-C, by SIGTERM, because its terminal is gone, or, where it is attached,
 * because whoever started it is gone and with it standard input. A second word changes nothing: it is ending already.
 */
export function untilToldToEnd({ attached = false } = {}): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => resolve();
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, end);
    if (attached) process.stdin.once("end", end).once("error", end).resume();
  });
}
