import { open, readFile, rename, truncate } from "node:fs/promises";
import { join } from "node:path";

/** Appends a line and syncs it before the promise resolves. */
export async function appendLine(path: string, line: string): Promise<void> {
  await dropTornLine(path);
  const file = await open(path, "a", 0o600);
  try {
    await file.appendFile(`${line}\n`);
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** Every whole line; a torn last one was never answered for. */
export async function readLines(path: string): Promise<string[]> {
  return ((await readIfThere(path)) ?? "").split("\n").slice(0, -1);
}

/** What a crash left of a line that nobody was told about. */
async function dropTornLine(path: string): Promise<void> {
  const text = await readIfThere(path);
  if (text === undefined || text === "" || text.endsWith("\n")) return;
  await truncate(path, Buffer.byteLength(text.slice(0, text.lastIndexOf("\n") + 1)));
}

/** A path through something that is no folder, or with a name too long for any file, leads to nothing either. */
const NOTHING_THERE: ReadonlySet<string | undefined> = new Set([
  "ENOENT",
  "ENOTDIR",
  "ENAMETOOLONG",
]);

export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (NOTHING_THERE.has((error as NodeJS.ErrnoException).code)) return undefined;
    throw error;
  }
}

/** Write beside, sync, rename, sync the folder: the name has the old text or the new, never half of one. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const beside = `${path}.new`;
  const file = await open(beside, "w", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
  const folder = await open(join(path, ".."), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
