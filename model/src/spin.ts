// One run of Spin: the model becomes a C program (`pan`) that visits every state.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Instance } from "./instances.ts";

export interface Verdict {
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
  readonly megabytes: number;
  readonly seconds: number;
  /** The steps to the first error, if there is one. */
  readonly trace: readonly string[] | undefined;
  /** Printed by steps that the model has and that no run ever takes. */
  readonly unreached: readonly string[];
}

const MODELS = join(import.meta.dirname, "..");

/** Visits all states of an instance, or those up to its nearest error. Throws if the search was not complete. */
export function check({ file, defines, counterexample }: Instance): Verdict {
  const folder = mkdtempSync(join(tmpdir(), "bezant-model-"));
  try {
    const flags = defines.map((it) => `-D${it}`);
    writeFileSync(join(folder, "m.pml"), readFileSync(join(MODELS, file)));
    run(folder, "spin", ["-a", ...flags, "m.pml"]);
    // Breadth first finds a shortest trace; depth first needs less memory for all states.
    const search = counterexample === undefined ? ["-O1"] : ["-O0", "-DBFS"];
    run(folder, "gcc", [...search, "-DSAFETY", "-DVECTORSZ=2048", "-o", "pan", "pan.c"]);
    const report = run(folder, "./pan", ["-m200000", "-w22"]);
    const isIncomplete = /too small|out of memory|not completed|truncated|MEMLIM/i.test(report);
    if (isIncomplete && !report.includes("pan: wrote")) throw new Error(report);
    const trace = existsSync(join(folder, "m.pml.trail"))
      ? stepsOf(run(folder, "spin", ["-t", "-T", "-B", ...flags, "m.pml"]))
      : undefined;
    return { ...figuresOf(report), trace, unreached: unreachedOf(report) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function run(folder: string, program: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}${stdout}`);
  return stdout;
}

function figuresOf(
  report: string,
): Pick<Verdict, "states" | "transitions" | "depth" | "megabytes" | "seconds"> {
  const figure = (pattern: RegExp): number => {
    const found = pattern.exec(report)?.[1];
    if (found === undefined) throw new Error(`no ${String(pattern)} in: ${report}`);
    return Number(found);
  };
  return {
    states: figure(/(\d+) states, stored/),
    transitions: figure(/(\d+) transitions/),
    depth: figure(/depth reached (\d+)/),
    megabytes: Math.round(figure(/([\d.]+)\s+total actual memory usage/)),
    seconds: figure(/elapsed time ([\d.e+-]+) seconds/),
  };
}

/** What the model printed on its way; Spin's own lines begin otherwise. */
function stepsOf(replay: string): string[] {
  return replay
    .split("\n")
    .filter((line) => /^(?:[ABSW]: | {2}\S|everybody|VIOLATED|REACHED)/.test(line));
}

function unreachedOf(report: string): string[] {
  const lines = [...report.matchAll(/, state \d+, "printf\((.*)"$/gm)].map(([, text = ""]) => text);
  return lines.filter((text) => !text.startsWith("'VIOLATED"));
}
