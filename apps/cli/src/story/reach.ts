import { readFileSync } from "node:fs";

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
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return true;
  }
  return isDefunct(pid);
}

/** One that has ended, and whose parent has not asked how: containers without an init keep them. */
function isDefunct(pid: number): boolean {
  try {
    // proc_pid_stat(5): the state comes after the name, which is in parentheses.
    return / [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\)/s, ""));
  } catch {
    return false;
  }
}
