import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { Random } from "../random.ts";
import { compileWith } from "./assembly.ts";
import type { Answer, Plan, Timed } from "./messages.ts";
import { mutationsOf } from "./operators.ts";
import type { Mutant } from "./schemata.ts";
import { targetOf, type Target } from "./targets.ts";
import { Worker } from "./workers.ts";

export type Status = "killed" | "timeout" | "survived" | "uncovered" | "unloadable";

export type Tried = Omit<Mutant, "id"> & {
  readonly original: string;
  readonly status: Status;
  /** The test that failed. */
  readonly by?: string;
};

export type Options = {
  readonly root: string;
  readonly package: string;
  /** How many mutants, chosen by the seed; absent: all. */
  readonly sample?: number;
  readonly seed: number;
  /** Only in files with this in their path. */
  readonly files?: string | undefined;
  /** Where results are kept; a run that was interrupted goes on from there. */
  readonly folder: string;
  readonly onTried?: (tried: Tried, done: number, all: number) => void;
};

/** Loading everything anew leaves the old behind. */
const GENERATIONS = 100;

type GlobalSetup = { readonly setup: () => Promise<() => Promise<void>> };

export type Outcome = {
  readonly tried: readonly Tried[];
  readonly population: number;
  readonly broken: readonly string[];
};

export async function mutate(options: Options): Promise<Outcome> {
  const target = targetOf(options.root, options.package);
  const all = allMutants(target).filter(({ file }) => file.includes(options.files ?? ""));
  const chosen = choose(all, options);
  mkdirSync(options.folder, { recursive: true });
  const journal = new Journal(options, target, chosen);
  const planFile = join(options.folder, `${options.package}.plan.json`);
  const { assembly } = target;
  // Of AssemblyScript nothing is switched: there the module is exchanged.
  const switched = assembly === undefined ? chosen : [];
  const root = pathToFileURL(options.root).href;
  const plan: Plan = {
    root,
    // What reads the module is in the tests; all else stays as it is.
    reloaded: assembly === undefined ? root : `${pathToFileURL(assembly).href}/test/`,
    mutants: switched,
    tests: target.tests,
  };
  writeFileSync(planFile, JSON.stringify(plan));
  const worker = new Worker(planFile);
  const missing = chosen.filter((mutant) => journal.get(mutant) === undefined);
  const { setup } = (await import(pathToFileURL(target.setup).href)) as GlobalSetup;
  const tearDown = await setup();
  let broken: readonly string[] = [];
  try {
    const order = missing.length === 0 ? undefined : new Order(await worker.survey());
    broken = order?.broken ?? [];
    for (const mutant of missing) {
      if (order === undefined) break;
      const answer = await tryOne(mutant, worker, order, target, options.folder);
      options.onTried?.(journal.add(mutant, answer), journal.size, chosen.length);
    }
  } finally {
    worker.stop();
    await tearDown();
  }
  return { tried: journal.all(), population: all.length, broken };
}

async function tryOne(
  mutant: Mutant,
  worker: Worker,
  order: Order,
  { assembly, tests: files }: Target,
  folder: string,
): Promise<Answer | "uncovered" | undefined> {
  const fresh = assembly !== undefined || order.isOfLoading(mutant.id);
  const tests = fresh ? order.all : order.testsFor(mutant.id);
  if (tests.length === 0) return "uncovered";
  const app = assembly === undefined ? {} : await compiled(assembly, mutant, folder);
  if (app === undefined) return UNLOADABLE;
  // What is loaded anew for each mutant needs nothing that is loaded now.
  await worker.keep(GENERATIONS, assembly === undefined ? files : []);
  const answer = await worker.try({ kind: "try", id: mutant.id, tests, fresh, ...app });
  if (answer?.kind === "killed" && answer.isSpoilt) worker.stop();
  return answer;
}

const UNLOADABLE: Answer = { kind: "unloadable", id: 0, why: "it does not compile" };

async function compiled(
  folder: string,
  { file, start, end, replacement, shape }: Mutant,
  out: string,
): Promise<{ readonly module: string } | undefined> {
  const source = readFileSync(file, "utf8");
  const instead = shape === "block" ? "" : `(${replacement})`;
  const module = await compileWith(
    folder,
    file,
    source.slice(0, start) + instead + source.slice(end),
  );
  if (module === undefined) return undefined;
  const path = join(out, "mutant.wasm");
  writeFileSync(path, module);
  return { module: path };
}

function allMutants({ sources }: Target): readonly Mutant[] {
  let id = 0;
  return sources.flatMap((file) => {
    const source = readFileSync(file, "utf8");
    return mutationsOf(file, source).map((mutation) => {
      const line = source.slice(0, mutation.start).split("\n").length;
      return { ...mutation, id: (id += 1), file, line };
    });
  });
}

/** The first of all of them in an order that the seed decides, so a larger sample holds a smaller one. */
function choose(all: readonly Mutant[], { sample, seed }: Options): readonly Mutant[] {
  const random = new Random(seed);
  const shuffled = all.map((mutant) => ({ mutant, key: random.fraction() }));
  shuffled.sort((a, b) => a.key - b.key);
  return shuffled.slice(0, sample).map(({ mutant }) => mutant);
}

type Surveyed = Extract<Answer, { kind: "surveyed" }>;

/** Which tests to run for a mutant, the quickest first. */
class Order {
  readonly broken: readonly string[];
  readonly #ofLoading: ReadonlySet<number>;
  readonly #covering = new Map<number, Timed[]>();
  readonly all: readonly Timed[];

  constructor({ files, ofLoading, broken }: Surveyed) {
    this.broken = broken;
    this.#ofLoading = new Set(ofLoading);
    const total = ({ tests }: (typeof files)[number]): number =>
      tests.reduce((sum, { ms }) => sum + ms, 0);
    this.all = files.toSorted((a, b) => total(a) - total(b)).flatMap(({ tests }) => tests);
    for (const { name, ms, covers } of this.all as Surveyed["files"][number]["tests"]) {
      for (const id of covers) {
        const found = this.#covering.get(id) ?? [];
        found.push({ name, ms });
        this.#covering.set(id, found);
      }
    }
    for (const found of this.#covering.values()) found.sort((a, b) => a.ms - b.ms);
  }

  isOfLoading(id: number): boolean {
    return this.#ofLoading.has(id);
  }

  testsFor(id: number): readonly Timed[] {
    return this.#covering.get(id) ?? [];
  }
}

/** Results on the disk, one a line. They count only for the very sources and tests that they were made with. */
class Journal {
  readonly #file: string;
  readonly #root: string;
  readonly #tried = new Map<string, Tried>();
  readonly #chosen: readonly Mutant[];

  constructor(options: Options, { sources, tests }: Target, chosen: readonly Mutant[]) {
    this.#root = options.root;
    this.#chosen = chosen;
    this.#file = join(options.folder, `${options.package}.jsonl`);
    const hash = createHash("sha256");
    for (const file of [...sources, ...tests]) hash.update(readFileSync(file));
    const head = JSON.stringify({ digest: hash.digest("hex") });
    const lines = existsSync(this.#file) ? readFileSync(this.#file, "utf8").split("\n") : [];
    if (lines[0] !== head) writeFileSync(this.#file, `${head}\n`);
    else {
      for (const line of lines.slice(1, -1)) {
        const tried = JSON.parse(line) as Tried;
        this.#tried.set(keyOf(tried), tried);
      }
    }
  }

  get size(): number {
    return this.all().length;
  }

  get(mutant: Mutant): Tried | undefined {
    return this.#tried.get(keyOf(this.#relative(mutant)));
  }

  all(): readonly Tried[] {
    return this.#chosen.flatMap((mutant) => this.get(mutant) ?? []);
  }

  add(mutant: Mutant, answer: Answer | "uncovered" | undefined): Tried {
    const { id: _, ...rest } = this.#relative(mutant);
    const original = readFileSync(mutant.file, "utf8").slice(mutant.start, mutant.end);
    const status = statusOf(answer);
    const by = typeof answer === "object" && answer.kind === "killed" ? { by: answer.by } : {};
    const tried = { ...rest, original, status, ...by };
    this.#tried.set(keyOf(tried), tried);
    appendFileSync(this.#file, `${JSON.stringify(tried)}\n`);
    return tried;
  }

  #relative(mutant: Mutant): Mutant {
    return { ...mutant, file: relative(this.#root, mutant.file) };
  }
}

function statusOf(answer: Answer | "uncovered" | undefined): Status {
  if (answer === undefined) return "timeout";
  if (answer === "uncovered") return answer;
  if (answer.kind === "killed" || answer.kind === "survived" || answer.kind === "unloadable") {
    return answer.kind;
  }
  throw new Error(`a worker answers ${answer.kind}`);
}

function keyOf({ file, start, end, replacement, shape }: Omit<Mutant, "id">): string {
  return [file, start, end, replacement, shape].join("|");
}
