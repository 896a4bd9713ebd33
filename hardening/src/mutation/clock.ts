const TICK_MS = 500;

/**
 * Calls back after so long, counted in ticks that this process has really had: one that was stopped meanwhile, and everybody with
 * it, must not take its own absence for the other's.
 * @returns what ends it
 */
export function after(ms: number, done: () => void): () => void {
  let left = Math.ceil(ms / TICK_MS);
  const timer = setInterval(() => {
    left -= 1;
    if (left > 0) return;
    clearInterval(timer);
    done();
  }, TICK_MS);
  return () => clearInterval(timer);
}
