import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { unwrap } from "@bezant/protocol";
import { describe, expect, test } from "vitest";
import { findNativeFolder, openBinaries } from "../../src/db/embedded/binaries.ts";
import { openSocketFolder } from "../../src/db/embedded/socket-folder.ts";
import { temporaryFolder } from "../support/folder.ts";

describe("the binaries from npm", () => {
  test("run after npm install --ignore-scripts, which leaves out their library links", () => {
    const copy = join(temporaryFolder(), "native");
    cpSync(unwrap(findNativeFolder()), copy, { recursive: true, verbatimSymlinks: true });
    const link = join(copy, "lib", "libicuuc.so.60");
    rmSync(link);
    expect(unwrap(openBinaries(copy))).toMatchObject({ major: 18 });
    expect(existsSync(link)).toBe(true);
  });

  test("are refused where they are missing or do not run", () => {
    expect(findNativeFolder("sunos-sparc")).toMatchObject({ error: { code: "no-binaries" } });
    const empty = temporaryFolder();
    expect(openBinaries(empty)).toMatchObject({ error: { code: "binaries-broken" } });
    mkdirSync(join(empty, "bin"));
    writeFileSync(join(empty, "bin", "postgres"), "#!/bin/sh\necho oh >&2; exit 3\n", {
      mode: 0o755,
    });
    expect(openBinaries(empty)).toMatchObject({
      error: { code: "binaries-broken", message: expect.stringContaining("oh") as string },
    });
  });
});

describe("the folder of the socket", () => {
  test("is refused where somebody else was there first", () => {
    const dataDir = join(temporaryFolder(), "x".repeat(120));
    const shared = temporaryFolder();
    mkdirSync(dataDir);
    const folder = unwrap(openSocketFolder(dataDir, undefined, [shared]));
    expect(folder.startsWith(shared)).toBe(true);
    rmSync(folder, { recursive: true });
    writeFileSync(folder, "");
    expect(openSocketFolder(dataDir, undefined, [shared])).toMatchObject({
      error: { code: "socket-folder-unusable" },
    });
  });

  test("is refused where every path is too long", () => {
    const long = join(temporaryFolder(), "x".repeat(120));
    expect(openSocketFolder(long, undefined, [long])).toMatchObject({
      error: { code: "socket-folder-unusable" },
    });
  });
});
