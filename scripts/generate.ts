// Writes the files that are made from the code: run it after changing what they are made from.
// Tests fail while a file and what it is made from differ.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { errorsPage } from "../packages/protocol/scripts/errors-page.ts";
import { vectorFiles } from "../packages/protocol/scripts/vectors/files.ts";
import { taCommands } from "../packages/trusted-app/scripts/vectors/file.ts";
import { wasmTa } from "../packages/trusted-app/test/world/makes.ts";

const root = dirname(import.meta.dirname);
const vectors = Object.entries(vectorFiles()).map(
  ([name, text]) => [`vectors/${name}`, text] as const,
);
const files: Readonly<Record<string, string>> = {
  "docs/errors.md": errorsPage(),
  "vectors/ta-commands.json": taCommands(wasmTa),
  ...Object.fromEntries(vectors),
};

mkdirSync(join(root, "vectors"), { recursive: true });
for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text);
console.log(`${Object.keys(files).length} files written.`);
