/** Connects to a server: "answers", or the error that came instead. */
export async function reach(url: string): Promise<string> {
  try {
    await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(10_000) });
    return "answers";
  } catch (error) {
    const { cause = error } = error as { cause?: unknown };
    return (cause as { code?: string }).code ?? String(cause);
  }
}

/** Whether there is no such process any more. */
export function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
