import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStore } from "../../src/node/sqlite-store.ts";
import { MemoryDisk } from "../../src/simulation/memory-disk.ts";
import { storeConformance } from "./conformance.ts";

storeConformance("a folder with SQLite", () => {
  const folder = mkdtempSync(join(tmpdir(), "bezant-store-"));
  return {
    open: () => openSqliteStore(folder),
    dispose: () => rmSync(folder, { recursive: true }),
  };
});

storeConformance("a disk in memory", () => {
  const disk = new MemoryDisk();
  return { open: () => disk.open(), dispose: () => undefined };
});
