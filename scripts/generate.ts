// Writes the files that are made from the code: run it after changing what they are made from.
// Tests fail while a file and what it is made from differ.
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { errorsPage } from "../packages/protocol/scripts/errors-page.ts";

const root = dirname(import.meta.dirname);
const files = { "docs/errors.md": errorsPage() };

for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text);
console.log(`${Object.keys(files).length} files written.`);
