import { spawnSync } from "node:child_process";
import { chownSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { unwrap } from "@bezant/protocol";
import { describe, expect, test } from "vitest";
import { findNativeFolder, openBinaries } from "../../src/db/embedded/binaries.ts";
import { chooseRunAs } from "../../src/db/embedded/run-as.ts";
import { startEmbedded } from "../../src/db/index.ts";
import { temporaryFolder } from "../support/folder.ts";

const NOBODY = 65534;
const isRoot = process.geteuid?.() === 0;

/** Starts and stops twice; answers the owner of the cluster's files and of the server. */
async function ownersAfterTwoRuns(dataDir: string): Promise<{ files: number; server: number }> {
  const owners = { files: -1, server: -1 };
  for (let round = 0; round < 2; round += 1) {
    const server = unwrap(await startEmbedded(dataDir));
    owners.files = statSync(join(dataDir, "cluster", "PG_VERSION")).uid;
    owners.server = statSync(`/proc/${server.pid}`).uid;
    await server.stop();
  }
  return owners;
}

describe.runIf(isRoot)("started by root, the server", () => {
  test("runs as nobody where nobody can reach the folder", async () => {
    const dataDir = join(temporaryFolder(0o711), "db");
    expect(await ownersAfterTwoRuns(dataDir)).toEqual({ files: NOBODY, server: NOBODY });
    expect(statSync(join(dataDir, "cluster")).mode & 0o777).toBe(0o700);
  });

  test("runs without root's powers where only root can reach the folder, as in its home", async () => {
    const dataDir = join(temporaryFolder(0o700), "db");
    expect(await ownersAfterTwoRuns(dataDir)).toEqual({ files: 0, server: 0 });
  });

  test("keeps the owner that the cluster has, wherever the folder is by now", () => {
    const binaries = unwrap(openBinaries(unwrap(findNativeFolder())));
    const open = temporaryFolder(0o711);
    const closed = temporaryFolder(0o700);
    const nobody = { uid: NOBODY, gid: NOBODY };
    const choices = {
      rootsInOpen: chooseRunAs({ uid: 0, gid: 0 }, open, binaries),
      nobodysInOpen: chooseRunAs(nobody, open, binaries),
      nobodysInClosed: chooseRunAs(nobody, closed, binaries),
    };
    expect(choices).toMatchObject({
      rootsInOpen: { value: { kind: "namespace" } },
      nobodysInOpen: { value: { kind: "user", uid: NOBODY } },
      nobodysInClosed: { error: { code: "root-refused" } },
    });
  });

  test("is refused where neither way is open, and the reason names the folder", () => {
    const binaries = unwrap(openBinaries(unwrap(findNativeFolder())));
    const closed = temporaryFolder(0o700);
    const path = process.env["PATH"];
    process.env["PATH"] = closed; // no unshare
    try {
      expect(chooseRunAs(undefined, closed, binaries)).toMatchObject({
        error: { code: "root-refused", message: expect.stringContaining(closed) as string },
      });
    } finally {
      process.env["PATH"] = path;
    }
  });

  /** As an ordinary user whose number has no name, as in many containers. */
  function startAsNameless(dataDir: string): string {
    const uid = 12345;
    const module = join(import.meta.dirname, "../../src/db/index.ts");
    const script = `
      const { startEmbedded } = await import(${JSON.stringify(module)});
      const answer = await startEmbedded(${JSON.stringify(dataDir)});
      if (answer.ok) await answer.value.stop();
      process.stdout.write(answer.ok ? "started" : answer.error.code);`;
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      uid,
      gid: uid,
      encoding: "utf8",
    });
    return stdout + stderr;
  }

  test("of an ordinary user refuses a cluster of another", async () => {
    const dataDir = join(temporaryFolder(0o711), "db");
    await ownersAfterTwoRuns(dataDir);
    expect(startAsNameless(dataDir)).toBe("data-folder-other-owner");
  });

  test("of an ordinary user without a name runs as that user", () => {
    const dataDir = join(temporaryFolder(0o711), "db");
    mkdirSync(dataDir);
    chownSync(dataDir, 12345, 12345);
    expect([startAsNameless(dataDir), startAsNameless(dataDir)]).toEqual(["started", "started"]);
    expect(statSync(join(dataDir, "cluster")).uid).toBe(12345);
  });
});

describe.runIf(!isRoot)("started by an ordinary user, the server", () => {
  test("runs as that user", async () => {
    const dataDir = join(temporaryFolder(), "db");
    mkdirSync(dataDir);
    const me = process.geteuid?.();
    expect(await ownersAfterTwoRuns(dataDir)).toEqual({ files: me, server: me });
  });
});
