import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compile, measure } from "../../scripts/build.ts";
import { unwrap } from "@bezant/protocol";
import { MAX_INPUT } from "../../src/commands.ts";
import { INTERNAL_API_IMPORTS, type TeeInternalApi } from "../../src/internal-api.ts";
import { bind, loadTa } from "../../src/wasm.ts";
import { Instance, Module } from "../../src/web-assembly.ts";
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

  it("has room for the longest input that its header knows", () => {
    const imports = Object.fromEntries(INTERNAL_API_IMPORTS.map((name) => [name, () => 0]));
    const { exports } = new Instance(new Module(moduleBytes), { tee: imports });
    expect((exports as { inputCapacity: () => number }).inputCapacity()).toBe(MAX_INPUT);
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

describe("an answer of the module", () => {
  const PAGE = 65_536;
  const answerOf = (at: number, length: number): Uint8Array =>
    bind(unwrap(loadTa(answering(at, length))), {} as TeeInternalApi).invoke(1, new Uint8Array())
      .output;

  it("may lie at the end of its memory, and not beyond it", () => {
    expect(answerOf(PAGE - 4, 4)).toEqual(new Uint8Array(4));
    expect(() => answerOf(PAGE - 4, 5)).toThrow(RangeError);
    expect(() => answerOf(PAGE + 1, 0)).toThrow(RangeError);
    expect(() => answerOf(-4, 4)).toThrow(RangeError);
  });
});

/** A module of the TA's form that answers every command with this part of its memory, in the binary format of WebAssembly. */
function answering(at: number, length: number): Uint8Array {
  const [NOTHING, TO_I32, INVOKE, I32, FUNCTION, MEMORY] = [0, 1, 2, 0x7f, 0, 2];
  const text = (name: string): number[] => [name.length, ...Buffer.from(name)];
  const vector = (items: readonly number[][]): number[] => [items.length, ...items.flat()];
  const types = [
    [0x60, 0, 0],
    [0x60, 0, 1, I32],
    [0x60, 2, I32, I32, 1, I32],
  ];
  const imports = INTERNAL_API_IMPORTS.map((name) => [...text("tee"), ...text(name), 0, NOTHING]);
  const returns = { input: 0, inputCapacity: 8, output: at, outputLength: length, version: 1 };
  const functions = Object.entries({ ...returns, invoke: 0 });
  const code = functions.map(([, value]) => {
    const body = [0, 0x41, ...signedLeb128(value), 0x0b];
    return [body.length, ...body];
  });
  const exports = functions.map(([name], i) => [...text(name), FUNCTION, imports.length + i]);
  const sections: readonly (readonly [number, number[]])[] = [
    [1, vector(types)],
    [2, vector(imports)],
    [3, vector(functions.map(([name]) => [name === "invoke" ? INVOKE : TO_I32]))],
    [5, vector([[1, 1, 1]])],
    [7, vector([...exports, [...text("memory"), MEMORY, 0]])],
    [10, vector(code)],
  ];
  const bytes = sections.flatMap(([id, body]) => [id, ...unsignedLeb128(body.length), ...body]);
  return Uint8Array.from([...MAGIC, ...bytes]);
}

function unsignedLeb128(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsignedLeb128(value >> 7)];
}

function signedLeb128(value: number): number[] {
  const isLast = value >= -64 && value < 64;
  return isLast ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signedLeb128(value >> 7)];
}

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
