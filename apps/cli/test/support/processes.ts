import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Command lines of all running processes that name a folder. */
export function processesNaming(folder: string): string[] {
  return commandLines().filter((line) => line.includes(folder));
}

/** Waits until no running process names the folder; gives what is left after a while. */
export async function leftOver(folder: string): Promise<string[]> {
  for (let round = 0; round < 150; round += 1) {
    if (processesNaming(folder).length === 0) return [];
    await sleep(100);
  }
  return processesNaming(folder);
}

function commandLines(): string[] {
  if (!existsSync("/proc/self/cmdline")) {
    return spawnSync("ps", ["-axww", "-o", "args="], { encoding: "utf8" }).stdout.split("\n");
  }
  return readdirSync("/proc")
    .filter((name) => /^[0-9]+$/.test(name) && name !== String(process.pid))
    .map(commandLineOf);
}

function commandLineOf(pid: string): string {
  try {
    return readFileSync(join("/proc", pid, "cmdline"), "utf8").replaceAll("\0", " ");
  } catch {
    // It has ended meanwhile.
    return "";
  }
}
