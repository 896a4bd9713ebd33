import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { unwrap } from "@bezant/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSqliteStore } from "../../src/node/sqlite-store.ts";

let parent: string;
let folder: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "bezant-sqlite-"));
  folder = join(parent, "wallet");
});
afterEach(() => rmSync(parent, { recursive: true }));

const HOLDER = new URL("./hold-store.ts", import.meta.url).pathname;
const write = (key: string, ...value: number[]) => ({
  kind: "k",
  key,
  value: Uint8Array.from(value),
});

function codeOf(at: string): string | undefined {
  const opened = openSqliteStore(at);
  return opened.ok ? undefined : opened.error.code;
}

describe("the store in a folder", () => {
  it("keeps folder and files to the user", async () => {
    const store = unwrap(openSqliteStore(folder));
    await store.commit([write("1", 1)]);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const modes = readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777);
    expect(modes.length).toBeGreaterThan(1);
    expect(new Set(modes)).toEqual(new Set([0o600]));
    await store.close();
  });

  it("refuses a folder that others can look into", async () => {
    await unwrap(openSqliteStore(folder)).close();
    chmodSync(folder, 0o755);
    expect(codeOf(folder)).toBe("store-failed");
  });

  it("is locked while another process has it, and has what that committed once it was killed", async () => {
    const holder = spawn(process.execPath, [HOLDER, folder], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      await once(holder.stdout, "data");
      expect(codeOf(folder)).toBe("store-locked");
    } finally {
      holder.kill("SIGKILL");
      await once(holder, "exit");
    }
    const store = unwrap(openSqliteStore(folder));
    expect(await store.list("k")).toHaveLength(10);
    await store.close();
  });

  it("tells a file that is damaged, of another program, or of a later version", async () => {
    const store = unwrap(openSqliteStore(folder));
    await store.commit([write("1", ...Array.from({ length: 50_000 }, (_, i) => i & 255))]);
    await store.close();
    const file = join(folder, "wallet.db");
    truncateSync(file, 20_000);
    expect(codeOf(folder)).toBe("store-corrupt");
    writeFileSync(file, "this is no database, however long one looks at it ".repeat(20));
    expect(codeOf(folder)).toBe("store-corrupt");
    rmSync(file);
    const other = new DatabaseSync(file);
    other.exec("PRAGMA user_version = 1");
    other.close();
    expect(codeOf(folder)).toBe("store-corrupt");
    rmSync(file);
    await unwrap(openSqliteStore(folder)).close();
    const later = new DatabaseSync(file);
    later.exec("PRAGMA user_version = 2");
    later.close();
    expect(codeOf(folder)).toBe("store-version");
  });

  it("writes nothing of a commit that cannot be written whole", async () => {
    const store = unwrap(openSqliteStore(folder));
    await store.commit([write("1", 1)]);
    const impossible = { kind: "k", key: "2", value: Symbol("no bytes") as unknown as Uint8Array };
    await expect(store.commit([write("1", 2), impossible])).rejects.toThrow();
    expect(await store.list("k")).toEqual([{ key: "1", value: Uint8Array.of(1) }]);
    await store.commit([write("1", 3)]);
    expect(await store.get("k", "1")).toEqual(Uint8Array.of(3));
    await store.close();
  });
});
