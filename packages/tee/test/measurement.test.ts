import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toHex } from "@bezant/protocol";
import { describe, expect, it } from "vitest";
import { measureTos } from "../src/index.ts";
import { measureFolders } from "../src/os/measurement.ts";
import { temporaryFolder } from "./support/folder.ts";

describe("the trusted OS's measurement", () => {
  it("is the same each time", () => {
    expect(toHex(measureTos().measurement)).toMatch(/^[0-9a-f]{64}$/);
    expect(measureTos()).toEqual(measureTos());
  });

  it("changes with every file: its content, its name, its place, and with one more", () => {
    const { path, remove } = temporaryFolder();
    const [a, b] = [join(path, "a"), join(path, "b")];
    mkdirSync(join(a, "sub"), { recursive: true });
    mkdirSync(b);
    writeFileSync(join(a, "sub", "one.ts"), "1");
    const seen: string[] = [];
    const measure = (): void => void seen.push(toHex(measureFolders([a, b])));
    measure();
    writeFileSync(join(a, "sub", "one.ts"), "2");
    measure();
    renameSync(join(a, "sub", "one.ts"), join(a, "sub", "two.ts"));
    measure();
    renameSync(join(a, "sub", "two.ts"), join(b, "two.ts"));
    measure();
    writeFileSync(join(a, "empty.ts"), "");
    measure();
    expect(new Set(seen).size).toBe(5);
    remove();
  });
});
