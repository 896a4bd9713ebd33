// `npm run build`: compiles assembly/ to bin/ops-ta.wasm and writes its measurement beside it.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const folder = dirname(dirname(fileURLToPath(import.meta.url)));
/** As its evidence names it; `version()` of the module says the same. */
const TA_VERSION = 1;

/**
 * The part of `assemblyscript/asc` that is used here. The package's own types declare the whole of AssemblyScript's standard
 * library, `Array.at` and all, for every file of the program that imports them; so they must not be imported.
 */
interface Asc {
  readonly createMemoryStream: () => { readonly toString: () => string };
  readonly main: (
    options: readonly string[],
    host: {
      readonly stderr: object;
      readonly readFile: (name: string, base: string) => string | null;
      readonly writeFile: (name: string, contents: Uint8Array) => void;
      readonly listFiles: () => null;
    },
  ) => Promise<{ readonly error: Error | null }>;
}

export interface Measurement {
  /** SHA-256 of the module, in hex: what is provisioned, attested and allow-listed. */
  readonly sha256: string;
  readonly size: number;
  readonly version: number;
}

/** Compiles the TA in memory. The options are in asconfig.json; nothing of this machine goes into the module. */
export async function compile(): Promise<Uint8Array> {
  const specifier: string = "assemblyscript/asc";
  const { default: asc } = (await import(specifier)) as { readonly default: Asc };
  let module: Uint8Array | undefined;
  const stderr = asc.createMemoryStream();
  const { error } = await asc.main(["--config", "asconfig.json", "--outFile", "ta.wasm"], {
    stderr,
    readFile: (name, base) => readText(join(folder, base, name)),
    writeFile(_, contents) {
      module = Buffer.from(contents);
    },
    listFiles: () => null,
  });
  if (error !== null || module === undefined) {
    throw new Error(`asc: ${error?.message ?? "no module"}\n${stderr.toString()}`);
  }
  return module;
}

export function measure(module: Uint8Array): Measurement {
  const sha256 = createHash("sha256").update(module).digest("hex");
  return { sha256, size: module.length, version: TA_VERSION };
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

if (import.meta.main) {
  const module = await compile();
  const measurement = measure(module);
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "ops-ta.wasm"), module);
  writeFileSync(join(bin, "measurement.json"), `${JSON.stringify(measurement, null, 2)}\n`);
  process.stdout.write(`${measurement.sha256}  bin/ops-ta.wasm, ${measurement.size} bytes\n`);
}
