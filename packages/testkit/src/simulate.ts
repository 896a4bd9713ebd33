// `npm run simulate`: a whole network under an adversary, on a virtual clock, from a seed.
import { writeFileSync } from "node:fs";
import process from "node:process";
import { HELP, readFlags, type Flags } from "./simulation/flags.ts";
import { runWorlds } from "./simulation/long-run/run-worlds.ts";
import { totalsOf, type Totals } from "./simulation/long-run/totals.ts";
import { PLANTS } from "./simulation/plants/list.ts";
import { printRecord, RECORDED, TRIAL } from "./simulation/plants/recorded.ts";
import { medianOf, tryPlants } from "./simulation/plants/try-plants.ts";
import { printScript } from "./simulation/script.ts";
import { shrink } from "./simulation/shrink.ts";
import { Arena } from "./simulation/simulation.ts";

const ATTEMPTS = 400;
const PROGRESS = 10_000;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function run(flags: Flags): Promise<void> {
  const { options, providers, jobs, shrinkTo, json } = flags;
  say(`seed ${options.seed}, ${options.mode} signatures, ${providers} providers, ${jobs} at once`);
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());
  const started = process.hrtime.bigint();
  const seconds = (): number => Number(process.hrtime.bigint() - started) / 1e9;
  let told = 0;
  const onProgress = (steps: number): void => {
    if (steps - told < PROGRESS) return;
    told = steps - (steps % PROGRESS);
    const line = { progress: steps, ...timing(steps, seconds()), rss: process.memoryUsage.rss() };
    if (json) process.stdout.write(`${JSON.stringify(line)}\n`);
    else say(`${steps} steps, ${line.stepsPerSecond} a second`);
  };
  const totals =
    options.script === undefined
      ? await runWorlds(options, { ...flags, signal: stop.signal, onProgress })
      : await runScript(flags);
  const interrupted = stop.signal.aborted && totals.violation === undefined;
  const took = seconds();
  if (totals.violation !== undefined) {
    const { seed, step, detail } = totals.violation;
    say(`seed ${seed}, step ${step}: ${detail}`);
    if (shrinkTo !== undefined) await writeShrunk(flags, seed, shrinkTo);
  }
  const report = { ...totals, providers, jobs, interrupted, ...timing(totals.steps, took) };
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : toText(totals, took));
  process.exitCode = totals.violations === 0 ? 0 : 1;
}

async function runScript({ options, providers }: Flags): Promise<Totals> {
  const arena = await Arena.open(providers);
  const report = await arena.simulate(options);
  await arena.close();
  return totalsOf(options, new Map([[0, report]]));
}

/** The world that failed, once more and then again and again. */
async function writeShrunk(flags: Flags, seed: string, path: string): Promise<void> {
  const { options, providers, worldSteps } = flags;
  const arena = await Arena.open(providers);
  const failing = { ...options, seed, steps: Math.min(options.steps, worldSteps) };
  const actions = await shrink(arena, failing, await arena.simulate(failing), {
    attempts: ATTEMPTS,
    onProgress: (left, attempts) => say(`${attempts} attempts, ${left} actions left`),
  });
  await arena.close();
  writeFileSync(path, printScript({ ...failing, providers }, actions));
  say(`${path}: run it with --script ${path}`);
}

function timing(steps: number, seconds: number) {
  return {
    seconds: Math.round(seconds * 10) / 10,
    stepsPerSecond: Math.round(steps / seconds),
  };
}

function toText(totals: Totals, seconds: number): string {
  const { steps, messages, crashes, payments, violations, trace } = totals;
  return `${steps} steps in ${seconds.toFixed(1)} s: ${messages} messages, ${payments} payments, ${crashes} crashes, ${violations} violations. Trace ${trace}\n`;
}

/** Every fault in turn: with what it was found, and after how many steps. */
async function runPlants({ json, record }: Flags): Promise<void> {
  const tried = await tryPlants([...PLANTS.keys()], TRIAL, ({ plant, found, error }) => {
    const said = found === undefined ? (error ?? "not found") : `${found.steps} steps`;
    say(`${plant.name}: ${said}, ${found?.property ?? ""}`);
  });
  const steps = tried.flatMap((one) => (one.found === undefined ? [] : [one.found.steps]));
  const found = steps.length;
  const sum = { planted: tried.length, found, medianSteps: medianOf(steps) };
  const line = `${found} of ${tried.length} faults found, the median after ${sum.medianSteps} steps.`;
  process.stdout.write(`${json ? JSON.stringify(sum) : line}\n`);
  if (record) writeFileSync(RECORDED, printRecord(tried));
  process.exitCode = found === PLANTS.length ? 0 : 1;
}

const flags = readFlags(process.argv.slice(2));
if (typeof flags === "string") {
  process.stdout.write(flags);
  process.exitCode = flags === HELP ? 0 : 2;
} else if (flags.plants) {
  await runPlants(flags);
} else {
  await run(flags);
}
