// Node's permission model, as defence in depth: the boundary is the process. What the trusted OS may touch is given
// on its command line; what it needed only to start, it gives back.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { sourceFolders } from "../os/measurement.ts";

/**
 * Node's arguments for a trusted OS that reads its own code and these folders, writes these folders, and uses
 * sockets; it gets no child process, worker, addon or inspector. A network is not needed, but Node has one
 * permission for it and for Unix sockets: `dropPermissions` takes that back.
 */
export function confinedNodeArguments(folders: readonly string[]): string[] {
  const readable = [...codeFolders(), ...folders].toSorted();
  // Node (26.10) denies a folder itself if a folder inside it was allowed first: hence the order.
  const writable = folders.toSorted();
  return [
    "--permission",
    "--allow-net",
    "--disable-warning=ExperimentalWarning",
    "--disallow-code-generation-from-strings",
    ...readable.map((folder) => `--allow-fs-read=${literal(folder)}`),
    ...writable.map((folder) => `--allow-fs-write=${literal(folder)}`),
  ];
}

/** Node takes a star for a wildcard. */
function literal(folder: string): string {
  if (folder.includes("*")) throw new RangeError(`a folder with a star in its name: ${folder}`);
  return folder;
}

/** Whether this process is confined as it should be. */
export function isConfined(): boolean {
  const { permission } = process as Partial<Pick<NodeJS.Process, "permission">>;
  return (
    permission !== undefined &&
    !["child", "worker", "inspector", "addon"].some((scope) => permission.has(scope)) &&
    !permission.has("fs.read", "/") &&
    !permission.has("fs.write", "/")
  );
}

/** Gives up all further opening of files and all outgoing connections. What is open stays open. */
export function dropPermissions(): void {
  for (const scope of ["fs.read", "fs.write", "net"]) process.permission.drop(scope);
}

/** The packages' folders with their manifests, the links that lead to them, and the libraries. */
function codeFolders(): string[] {
  const packages = sourceFolders().map((folder) => dirname(folder));
  const [protocol = "", , , tee = ""] = packages;
  const hpke = libraryFolder(tee, "@hpke/core");
  const libraries = [
    dirname(createRequire(join(protocol, "package.json")).resolve("@noble/hashes/sha2.js")),
    hpke,
    libraryFolder(hpke, "@hpke/common"),
  ];
  const links = packages
    .flatMap((folder) => ancestors(folder))
    .map((folder) => join(folder, "node_modules", "@bezant"));
  return [...new Set([...packages, ...libraries, ...links])].filter((folder) => existsSync(folder));
}

/** The folder of a library as a package resolves it. */
function libraryFolder(from: string, name: string): string {
  return dirname(createRequire(join(from, "package.json")).resolve(`${name}/package.json`));
}

function ancestors(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestors(parent)];
}

/** The program that the confined Node runs. */
export const MAIN = fileURLToPath(import.meta.resolve("./main.ts"));
