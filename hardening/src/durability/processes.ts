import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";

/** A process of PostgreSQL, with what it says of itself in its title. */
export type ServerProcess = { readonly pid: number; readonly title: string };

/** A postmaster's children: backends and its own workers. */
export function childrenOf(postmaster: number): readonly ServerProcess[] {
  const list = `/proc/${postmaster}/task/${postmaster}/children`;
  if (!existsSync(list)) return childrenByPs(postmaster);
  const pids = readFileSync(list, "utf8").trim().split(" ").filter(Boolean).map(Number);
  return pids.map((pid) => ({ pid, title: titleOf(pid) }));
}

function titleOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return ""; // it has just ended
  }
}

/** Where there is no such file: on another system, or because the postmaster is gone. */
function childrenByPs(postmaster: number): readonly ServerProcess[] {
  const lines = execFileSync("ps", ["-axww", "-o", "pid=,ppid=,args="], { encoding: "utf8" });
  return lines.split("\n").flatMap((line) => {
    const [, pid, parent, title = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return Number(parent) === postmaster ? [{ pid: Number(pid), title: title.trim() }] : [];
  });
}

/** Backends of the provider's role: `postgres: bezant bezant [local] COMMIT`. */
export function backendsOf(postmaster: number, role: string): readonly ServerProcess[] {
  return childrenOf(postmaster).filter(({ title }) => title.startsWith(`postgres: ${role} `));
}

/**
 * Whether a backend is inside of a transaction that writes. The provider sends reads on their own as SELECT, so a backend
 * at a SELECT is left out, though it may be in one as well: the count is what is sure.
 */
export function isWriting({ title }: ServerProcess): boolean {
  return /\s(?:idle in transaction|INSERT|UPDATE|DELETE|COMMIT)$/.test(title);
}

export function isCommitting({ title }: ServerProcess): boolean {
  return title.endsWith(" COMMIT");
}

/** Sends a signal to each that still lives. */
export function signalAll(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}
