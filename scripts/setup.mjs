// Installs what package-lock.json asks for, when it is not there already.
// Plain JavaScript without dependencies: this runs on the machine's own Node (20.19 or newer),
// before node_modules and the Node 26 that it holds exist.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const bin = join(root, "node_modules", ".bin");

/** The environment in which the installed tools, and above all Node 26, come first. */
export function toolEnvironment() {
  const path = [bin, dirname(process.execPath), process.env.PATH ?? ""].join(delimiter);
  return { ...process.env, PATH: path };
}

/** Installs if needed; ends the process with a plain message if that fails. */
export function setUp() {
  const [major, minor] = versionOf(process.versions.node);
  if (major < 20 || (major === 20 && minor < 19)) {
    fail(`Node 20.19 or newer is needed to set up; this is ${process.versions.node}.`);
  }
  const reason = missing();
  if (reason === undefined) {
    linkNode();
    return;
  }
  process.stderr.write(`Installing (${reason}) …\n`);
  // `npm ci` starts by deleting node_modules: right for a fresh clone, wrong under a running network.
  const fresh = !existsSync(join(root, "node_modules"));
  const status = npm(fresh ? ["ci"] : ["install", "--no-save"]);
  if (status !== 0) {
    fail(
      "npm could not install the dependencies (its message is above). Nothing else was changed.",
    );
  }
  linkNode();
  requireNode26();
}

/** Why node_modules does not match package-lock.json, or undefined if it does. */
function missing() {
  const wanted = packagesIn("package-lock.json");
  const present = packagesIn(join("node_modules", ".package-lock.json"));
  if (wanted === undefined) fail("package-lock.json is missing: is the clone complete?");
  if (present === undefined) return "first use of this clone";
  for (const [path, entry] of Object.entries(wanted)) {
    if (!path.includes("node_modules/")) continue;
    const found = present[path];
    // Optional packages of other platforms are never here; ours is checked by requireNode26.
    if (found === undefined && entry.optional) continue;
    if (found === undefined || found.version !== entry.version || found.link !== entry.link) {
      return `${path.slice(path.lastIndexOf("node_modules/") + 13)} changed`;
    }
  }
  return undefined;
}

function packagesIn(file) {
  const path = join(root, file);
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")).packages : undefined;
}

function npm(args) {
  const quiet = [...args, "--loglevel=error", "--no-audit", "--no-fund"];
  const cli = process.env.npm_execpath;
  const options = { cwd: root, stdio: ["ignore", 2, 2] };
  const result = cli?.endsWith("npm-cli.js")
    ? spawnSync(process.execPath, [cli, ...quiet], options)
    : spawnSync("npm", quiet, options);
  return result.status;
}

/** npm 10 makes no link to `node` when several packages offer one, even if only one is installed. */
function linkNode() {
  const link = join(bin, "node");
  if (existsSync(link)) return;
  const platform = `${process.platform}-${process.arch}`;
  for (const name of [`node-${platform}`, `node-bin-${platform}`]) {
    if (!existsSync(join(root, "node_modules", name, "bin", "node"))) continue;
    mkdirSync(bin, { recursive: true });
    symlinkSync(join("..", name, "bin", "node"), link);
    return;
  }
}

function requireNode26() {
  const found = spawnSync("node", ["--version"], { env: toolEnvironment(), encoding: "utf8" });
  const version = found.stdout?.trim().replace(/^v/, "") ?? "";
  if (found.status !== 0 || versionOf(version)[0] < 26) {
    fail(
      `There is no Node 26 from npm for ${process.platform} on ${process.arch}; ` +
        "install Node 26 or newer and run this again.",
    );
  }
}

function versionOf(text) {
  return text.split(".").map(Number);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
