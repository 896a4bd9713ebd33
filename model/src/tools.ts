import { spawnSync } from "node:child_process";
import process from "node:process";

export type Tools = { readonly ok: true } | { readonly ok: false; readonly why: string };

/** Spin, and the C compiler it needs. Installs them where that is possible: as root, where there is apt-get. */
export function prepareTools(): Tools {
  if (missing().length === 0) return { ok: true };
  const wanted = missing().join(" and ");
  if (process.getuid?.() !== 0 || !runs("apt-get", ["--version"])) {
    return {
      ok: false,
      why: `there is no ${wanted}; install them (Debian: apt-get install spin gcc libc6-dev)`,
    };
  }
  if (!install()) {
    // The list of packages may be older than the packages, or empty.
    runs("apt-get", ["update"]);
    install();
  }
  if (missing().length === 0) return { ok: true };
  return { ok: false, why: `there is no ${wanted}, and apt-get could not install it` };
}

function missing(): string[] {
  const has = { spin: runs("spin", ["-V"]), gcc: runs("gcc", ["--version"]) };
  return Object.entries(has).flatMap(([name, isThere]) => (isThere ? [] : [name]));
}

function install(): boolean {
  const packages = ["spin", "gcc", "libc6-dev"];
  return runs("apt-get", ["install", "--yes", "--no-install-recommends", ...packages]);
}

function runs(program: string, args: readonly string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return spawnSync(program, args, { env, stdio: "ignore" }).status === 0;
}
