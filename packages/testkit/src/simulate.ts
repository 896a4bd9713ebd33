// `npm run simulate`: a whole network under an adversary, on a virtual clock, from a seed.
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { PLANTS } from "./simulation/plants/list.ts";
import { medianSteps, tryPlants } from "./simulation/plants/try-plants.ts";
import { parseScript, printScript } from "./simulation/script.ts";
import { shrink } from "./simulation/shrink.ts";
import { Arena, type SimulationOptions, type SimulationReport } from "./simulation/simulation.ts";

const HELP = `npm run simulate -- --seed 7 --steps 20000 --json

  --seed S         what everything follows from; the time of day unless given
  --steps N        things that happen (10000)
  --signatures M   stub: a hash in place of ECDSA (default); real: ECDSA with RFC 6979's nonces
  --providers N    1 to 4 (2)
  --devices N      users with a secure device (4)
  --merchants N    users without one (2)
  --heal-every N   lets everything heal in between, counts, and goes on (20000)
  --script FILE    does what is in a file instead of what the seed says
  --shrink FILE    reduces a run that fails, and writes the script to a file
  --plants         puts known faults into the code, one after the other, and looks for each
  --json           one line of JSON, the last

Exit status: 0 no violation; 1 a violation; 2 a wrong command line.
`;

type Flags = {
  readonly options: SimulationOptions;
  readonly providers: number;
  readonly shrinkTo: string | undefined;
  readonly json: boolean;
  readonly plants: boolean;
};

const ATTEMPTS = 400;

function readFlags(): Flags | string {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    options: {
      seed: text,
      steps: text,
      signatures: text,
      providers: text,
      devices: text,
      merchants: text,
      "heal-every": text,
      script: text,
      shrink: text,
      json: { type: "boolean", default: false },
      plants: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return HELP;
  const number = (given: string | undefined, otherwise: number): number => {
    const value = given === undefined ? otherwise : Number(given);
    return Number.isInteger(value) && value >= 0 ? value : Number.NaN;
  };
  const mode = values.signatures ?? "stub";
  const steps = number(values.steps, 10_000);
  const providers = number(values.providers, 2);
  const devices = number(values.devices, 4);
  const merchants = number(values.merchants, 2);
  const healEvery = number(values["heal-every"], 20_000);
  if (mode !== "stub" && mode !== "real") return "--signatures is stub or real\n";
  if (Number.isNaN(steps + devices + merchants + healEvery)) return "a number is none\n";
  if (!(providers >= 1 && providers <= 4)) return "--providers is 1 to 4\n";
  if (!(devices >= 2) || healEvery === 0) return "--devices is at least 2, --heal-every 1\n";
  const seed = values.seed ?? String(process.hrtime.bigint());
  const script = values.script === undefined ? undefined : readScript(values.script);
  if (typeof script === "string") return script;
  const options = { seed, steps, mode, devices, merchants, healEvery } as const;
  return {
    options: { ...options, ...script },
    providers: script?.providers ?? providers,
    shrinkTo: values.shrink,
    json: values.json,
    plants: values.plants,
  };
}

function readScript(path: string) {
  try {
    return parseScript(readFileSync(path, "utf8"));
  } catch (error) {
    return `${path}: ${error instanceof Error ? error.message : String(error)}\n`;
  }
}

async function run({ options, providers, shrinkTo, json }: Flags): Promise<void> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  say(`seed ${options.seed}, ${options.mode} signatures, ${providers} providers`);
  const arena = await Arena.open(providers);
  const started = process.hrtime.bigint();
  const report = await arena.simulate({
    ...options,
    onProgress: (steps) => say(`${steps} steps`),
  });
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  if (report.violation !== undefined) {
    const { step, detail } = report.violation;
    say(`seed ${report.seed}, step ${step}: ${detail}`);
    if (shrinkTo !== undefined) await writeShrunk(arena, options, providers, report, shrinkTo, say);
  }
  await arena.close();
  process.stdout.write(json ? toJson(report, providers, seconds) : toText(report, seconds));
  process.exitCode = report.violations === 0 ? 0 : 1;
}

async function writeShrunk(
  arena: Arena,
  options: SimulationOptions,
  providers: number,
  report: SimulationReport,
  path: string,
  say: (line: string) => void,
): Promise<void> {
  const actions = await shrink(arena, options, report, {
    attempts: ATTEMPTS,
    onProgress: (left, attempts) => say(`${attempts} attempts, ${left} actions left`),
  });
  writeFileSync(path, printScript({ ...options, providers }, actions));
  say(`${path}: run it with --script ${path}`);
}

function toJson(report: SimulationReport, providers: number, seconds: number): string {
  const { actions: _, ...rest } = report;
  const rate = Math.round(report.steps / seconds);
  const timing = { seconds: Math.round(seconds * 10) / 10, stepsPerSecond: rate };
  return `${JSON.stringify({ ...rest, providers, ...timing })}\n`;
}

function toText(report: SimulationReport, seconds: number): string {
  const { steps, messages, crashes, payments, violations, trace } = report;
  return `${steps} steps in ${seconds.toFixed(1)} s: ${messages} messages, ${payments} payments, ${crashes} crashes, ${violations} violations. Trace ${trace}\n`;
}

/** Every fault in turn: with what it was found, and after how many steps. */
async function runPlants(json: boolean): Promise<void> {
  const bounds = { steps: 300, budget: 10_000 };
  const tried = await tryPlants([...PLANTS.keys()], bounds, ({ plant, found, error }) => {
    const said = found === undefined ? (error ?? "not found") : `${found.steps} steps`;
    process.stderr.write(`${plant.name}: ${said}, ${found?.property ?? ""}\n`);
  });
  const found = tried.filter((one) => one.found !== undefined).length;
  const sum = { planted: tried.length, found, medianSteps: medianSteps(tried) };
  const line = `${found} of ${tried.length} faults found, the median after ${sum.medianSteps} steps.`;
  process.stdout.write(`${json ? JSON.stringify(sum) : line}\n`);
  process.exitCode = found === PLANTS.length ? 0 : 1;
}

const flags = readFlags();
if (typeof flags === "string") {
  process.stdout.write(flags);
  process.exitCode = flags === HELP ? 0 : 2;
} else if (flags.plants) {
  await runPlants(flags.json);
} else {
  await run(flags);
}
