import { readFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { parseScript } from "./script.ts";
import type { SimulationOptions } from "./simulation.ts";

export const HELP = `npm run simulate -- --seed 7 --steps 20000 --json
npm run simulate -- --seed night --steps 1000000 --jobs 2 --json

  --seed S         what everything follows from; the time of day unless given
  --steps N        things that happen (10000)
  --world N        after so many a new world begins, from the seed S/2, S/3, … (20000)
  --jobs N         worlds at once, each in a process of its own: 1 to 64 (1)
  --signatures M   stub: a hash in place of ECDSA (default); real: ECDSA with RFC 6979's nonces
  --providers N    1 to 4 (2)
  --devices N      users with a secure device (4)
  --merchants N    users without one (2)
  --heal-every N   lets everything heal in between, counts, and goes on (2000)
  --script FILE    does what is in a file instead of what the seed says
  --shrink FILE    reduces the world that fails, and writes its script to a file
  --plants         puts known faults into the code, one after the other, and looks for each
  --record         and writes down by which seeds they were found
  --json           lines of JSON: how far it is, and in the last the summary

SIGINT and SIGTERM end a run in good order: what is under way heals, and is counted.
Exit status: 0 no violation; 1 a violation; 2 a wrong command line.
`;

export type Flags = {
  readonly options: SimulationOptions;
  readonly providers: number;
  readonly worldSteps: number;
  readonly jobs: number;
  readonly shrinkTo: string | undefined;
  readonly json: boolean;
  readonly plants: boolean;
  readonly record: boolean;
};

const text = { type: "string" } as const;
const FLAGS = {
  seed: text,
  steps: text,
  world: text,
  jobs: text,
  signatures: text,
  providers: text,
  devices: text,
  merchants: text,
  "heal-every": text,
  script: text,
  shrink: text,
  json: { type: "boolean", default: false },
  plants: { type: "boolean", default: false },
  record: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

/** What the command line asks for, or what to say instead. */
export function readFlags(args: readonly string[]): Flags | string {
  const parsed = parsedArgs(args);
  if (typeof parsed === "string") return parsed;
  if (parsed.help) return HELP;
  const number = (given: string | undefined, otherwise: number): number =>
    given === undefined ? otherwise : /^\d{1,12}$/.test(given) ? Number(given) : Number.NaN;
  const mode = parsed.signatures ?? "stub";
  const steps = number(parsed.steps, 10_000);
  const worldSteps = number(parsed.world, 20_000);
  const jobs = number(parsed.jobs, 1);
  const providers = number(parsed.providers, 2);
  const devices = number(parsed.devices, 4);
  const merchants = number(parsed.merchants, 2);
  const healEvery = number(parsed["heal-every"], 2000);
  if (mode !== "stub" && mode !== "real") return "--signatures is stub or real\n";
  if (Number.isNaN(steps + devices + merchants + healEvery + worldSteps)) {
    return "a number is none\n";
  }
  if (!(providers >= 1 && providers <= 4)) return "--providers is 1 to 4\n";
  if (!(jobs >= 1 && jobs <= 64)) return "--jobs is 1 to 64\n";
  if (devices < 2 || healEvery === 0) return "--devices is at least 2, --heal-every 1\n";
  if (worldSteps === 0) return "--world is at least 1\n";
  const seed = parsed.seed ?? String(process.hrtime.bigint());
  const script = parsed.script === undefined ? undefined : readScript(parsed.script);
  if (typeof script === "string") return script;
  return {
    options: { seed, steps, mode, devices, merchants, healEvery, ...script },
    providers: script?.providers ?? providers,
    worldSteps,
    jobs,
    shrinkTo: parsed.shrink,
    json: parsed.json,
    plants: parsed.plants,
    record: parsed.record,
  };
}

function parsedArgs(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS }).values;
  } catch (error) {
    return `${messageOf(error)}\n`;
  }
}

function readScript(path: string) {
  try {
    return parseScript(readFileSync(path, "utf8"));
  } catch (error) {
    return `${path}: ${messageOf(error)}\n`;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
