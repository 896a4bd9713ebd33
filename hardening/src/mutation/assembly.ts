import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** What is used of `assemblyscript/asc`, whose own types declare AssemblyScript's standard library for everybody. */
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

/** The trusted application as its own build makes it, but with one file's text replaced. Undefined: it does not compile. */
export async function compileWith(
  folder: string,
  file: string,
  text: string,
): Promise<Uint8Array | undefined> {
  const entry = createRequire(join(folder, "package.json")).resolve("assemblyscript/dist/asc.js");
  const { default: asc } = (await import(pathToFileURL(entry).href)) as { readonly default: Asc };
  let module: Uint8Array | undefined;
  const { error } = await asc.main(["--config", "asconfig.json", "--outFile", "ta.wasm"], {
    stderr: asc.createMemoryStream(),
    readFile: (name, base) => {
      const path = resolve(folder, base, name);
      return path === file ? text : readText(path);
    },
    writeFile(_, contents) {
      module = Buffer.from(contents);
    },
    listFiles: () => null,
  });
  return error === null ? module : undefined;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
