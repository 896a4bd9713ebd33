import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The part of `assemblyscript/asc` that is used here; its own types would declare AssemblyScript's globals. */
type Asc = {
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
};

const folder = dirname(
  dirname(fileURLToPath(import.meta.resolve("@bezant/trusted-app/ops-ta.wasm"))),
);
/** One place of the source that is another in this build. */
type Edit = { readonly file: string; readonly from: string | RegExp; readonly to: string };

/** The trusted application of this source under another version number: what an update is made of, in tests alone. */
export async function otherBuild(version: number, ...edits: Edit[]): Promise<Uint8Array> {
  const numbered = {
    file: "index.ts",
    from: /const VERSION: i32 = [0-9]+;/,
    to: `const VERSION: i32 = ${version};`,
  };
  const specifier: string = "assemblyscript/asc";
  const { default: asc } = (await import(specifier)) as { readonly default: Asc };
  let module: Uint8Array | undefined;
  const stderr = asc.createMemoryStream();
  const { error } = await asc.main(["--config", "asconfig.json", "--outFile", "ta.wasm"], {
    stderr,
    readFile: (name, base) => sourceOf(join(folder, base, name), [numbered, ...edits]),
    writeFile: (_, contents) => {
      module = new Uint8Array(contents);
    },
    listFiles: () => null,
  });
  if (error !== null || module === undefined) throw new Error(`asc: ${stderr.toString()}`);
  return module;
}

function sourceOf(path: string, edits: readonly Edit[]): string | null {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return null;
  }
  for (const { file, from, to } of edits) {
    if (path !== join(folder, "assembly", file)) continue;
    const edited = text.replace(from, to);
    if (edited === text) throw new Error(`${file} has no ${from}`);
    text = edited;
  }
  return text;
}
