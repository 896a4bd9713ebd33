import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compile, measure } from "../../scripts/build.ts";
import { INTERNAL_API_IMPORTS } from "../../src/internal-api.ts";
import { loadTa } from "../../src/wasm.ts";
import { Module } from "../../src/web-assembly.ts";
import { moduleBytes } from "./support/device.ts";

const MAGIC = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

describe("the committed module", () => {
  it("is what its source compiles to, byte for byte", async () => {
    const rebuilt = await compile();
    expect(measure(rebuilt)).toEqual(measure(moduleBytes));
    expect(Buffer.from(rebuilt).equals(moduleBytes)).toBe(true);
  });

  it("has the measurement that stands beside it", () => {
    const url = new URL("../../bin/measurement.json", import.meta.url);
    expect(JSON.parse(readFileSync(url, "utf8"))).toEqual(measure(moduleBytes));
  });

  it("has at most 16 KB", () => {
    expect(moduleBytes.length).toBeLessThanOrEqual(16 * 1024);
  });

  it("imports the internal API and nothing else", () => {
    const imports = Module.imports(new Module(moduleBytes));
    expect(imports.map(({ name }) => name).toSorted()).toEqual([...INTERNAL_API_IMPORTS]);
    expect(new Set(imports.map(({ module, kind }) => `${module} ${kind}`))).toEqual(
      new Set(["tee function"]),
    );
  });

  it("exports its memory, a way in, and nothing else", () => {
    const exports = Module.exports(new Module(moduleBytes));
    expect(Object.fromEntries(exports.map(({ name, kind }) => [name, kind]))).toEqual({
      memory: "memory",
      invoke: "function",
      input: "function",
      inputCapacity: "function",
      output: "function",
      outputLength: "function",
      version: "function",
    });
  });

  it("has one page of memory that cannot grow, no table and no start function", () => {
    const sections = sectionsOf(moduleBytes);
    // One memory, with a maximum: initial 1, maximum 1.
    expect(sections.get(5)).toEqual(Uint8Array.of(1, 1, 1, 1));
    const [TABLE, START, ELEMENT, CUSTOM] = [4, 8, 9, 0];
    for (const section of [TABLE, START, ELEMENT, CUSTOM])
      expect(sections.has(section)).toBe(false);
  });
});

describe("a module that is not the TA's kind", () => {
  it("is refused if it is not WebAssembly", () => {
    expect(loadTa(Uint8Array.of(1, 2, 3))).toEqual({ ok: false, error: "not-wasm" });
  });

  it("is refused if it imports less", () => {
    expect(loadTa(MAGIC)).toEqual({ ok: false, error: "wrong-imports" });
  });

  it("is refused if it imports something else", () => {
    const renamed = replaced(moduleBytes, "stageState", "stageStale");
    expect(loadTa(renamed)).toEqual({ ok: false, error: "wrong-imports" });
    const elsewhere = replaced(moduleBytes, "\x03tee\x06digest", "\x03env\x06digest");
    expect(loadTa(elsewhere)).toEqual({ ok: false, error: "wrong-imports" });
  });

  it("is refused if it exports something else", () => {
    const renamed = replaced(moduleBytes, "outputLength", "outputLengtH");
    expect(loadTa(renamed)).toEqual({ ok: false, error: "wrong-exports" });
  });
});

/** The sections of a module by their numbers. */
function sectionsOf(bytes: Uint8Array): Map<number, Uint8Array> {
  const sections = new Map<number, Uint8Array>();
  let at = MAGIC.length;
  while (at < bytes.length) {
    const id = bytes[at] as number;
    at += 1;
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at] as number;
      at += 1;
      size |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    sections.set(id, Uint8Array.from(bytes.subarray(at, at + size)));
    at += size;
  }
  return sections;
}

function replaced(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const text = Buffer.from(bytes).toString("latin1");
  expect(text.split(from)).toHaveLength(2);
  return Buffer.from(text.replace(from, to), "latin1");
}
