// A process that tries faults one after the other: each in modules of its own, loaded from changed source.
import { readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { PGlite } from "@electric-sql/pglite";
import { otherBuild } from "../../other-build.ts";
import { openEngine } from "../pglite.ts";
import { PLANTS } from "./list.ts";
import { TA, type Edit, type Plant } from "./plant.ts";
import type * as Trial from "./trial.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..", "..", "..");
const PACKAGES = pathToFileURL(join(ROOT, "packages")).href;
const stripped: Record<string, string> = {};
const TAG = /\?plant=(\d+)$/;

registerHooks({
  // Whatever a module of a plant imports from this repository is the plant's own, too.
  resolve(specifier, context, nextResolve) {
    const resolved = nextResolve(specifier, context);
    const tag = TAG.exec(context.parentURL ?? "")?.[0];
    const isOurs = resolved.url.startsWith(PACKAGES) && !resolved.url.includes("/node_modules/");
    return tag === undefined || !isOurs ? resolved : { ...resolved, url: resolved.url + tag };
  },
  // Most modules of a plant are as they stand: their types are stripped once, not once for each plant.
  load(url, context, nextLoad) {
    if (!TAG.test(url) || !url.replace(TAG, "").endsWith(".ts")) return nextLoad(url, context);
    const path = fileURLToPath(url.replace(TAG, ""));
    const edits = editsOf(url);
    if (edits.length === 0) return javaScript((stripped[path] ??= strip(path, [])));
    return javaScript(strip(path, edits));
  },
});

function javaScript(source: string) {
  return { format: "module", source, shortCircuit: true };
}

function strip(path: string, edits: readonly Edit[]): string {
  return stripTypeScriptTypes(edits.reduce(replaceOnce, readFileSync(path, "utf8")));
}

function editsOf(url: string): readonly Edit[] {
  const number = TAG.exec(url)?.[1];
  if (number === undefined) return [];
  const path = fileURLToPath(url.replace(TAG, ""));
  const edits = PLANTS[Number(number)]?.edits ?? [];
  return edits.filter(({ file }) => join(ROOT, file) === path);
}

function replaceOnce(source: string, { file, find, replace }: Edit): string {
  const parts = source.split(find);
  if (parts.length !== 2) throw new Error(`${file}: not once, ${find}`);
  return parts.join(replace);
}

/** The trusted application with the plant's faults; undefined where it has none. */
async function build({ edits }: Plant): Promise<Uint8Array | undefined> {
  const own = edits.filter(({ file }) => file.startsWith(TA));
  if (own.length === 0) return undefined;
  const version = 999;
  return otherBuild(
    version,
    ...own.map(({ file, find, replace }) => ({
      file: file.slice(TA.length),
      from: find,
      to: replace,
    })),
  );
}

const engines = [await openEngine()];

/** Kept from one plant to the next: opening one takes longer than many a trial. */
async function enginesFor({ providers = 1 }: Plant): Promise<readonly PGlite[]> {
  while (engines.length < providers) engines.push(await openEngine());
  return engines.slice(0, providers);
}

/** `number` is that of the plant. */
async function run(number: number, bounds: Trial.TrialBounds): Promise<unknown> {
  const plant = PLANTS[number];
  if (plant === undefined) throw new Error(`no plant ${number}`);
  // A fault of the trusted application is in its module alone: everything else is the sound code.
  const isInTa = plant.edits.every(({ file }) => file.startsWith(TA));
  const { trial } = await modulesOf(isInTa ? NO_PLANT : number);
  const own = await enginesFor(plant);
  const found = await trial(own, plant, await build(plant), bounds);
  if (found === undefined) return undefined;
  const sound = await modulesOf(NO_PLANT);
  const accident = await sound.control(own, plant, found);
  if (accident !== undefined) throw new Error(`found without the fault, too: ${accident}`);
  return found;
}

const NO_PLANT = 9999;

/** A whole copy of the code, with the faults of this plant. */
async function modulesOf(number: number): Promise<typeof Trial> {
  const module = pathToFileURL(join(import.meta.dirname, "trial.ts")).href;
  return (await import(`${module}?plant=${number}`)) as typeof Trial;
}

process.on("message", (order: { readonly number: number; readonly bounds: Trial.TrialBounds }) => {
  void run(order.number, order.bounds).then(
    (found) => process.send?.({ found }),
    (error: unknown) =>
      process.send?.({ error: error instanceof Error ? error.stack : String(error) }),
  );
});
process.send?.({ ready: true });
