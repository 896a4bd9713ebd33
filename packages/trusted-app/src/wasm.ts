import { err, ok, type Brand, type Result } from "@bezant/protocol";
import { INTERNAL_API_IMPORTS, type TaInstance, type TeeInternalApi } from "./internal-api.ts";
import { CompileError, Instance, Module, type WasmModule } from "./web-assembly.ts";

/** A module that asks for the internal API and nothing else, and exports what a TA has to. */
export type TaModule = Brand<WasmModule, "TaModule">;

/** Not WebAssembly, or an import or an export that is missing or too much. */
export type TaModuleRefusal = "not-wasm" | "wrong-imports" | "wrong-exports";

/** The module that every import comes from. */
const IMPORT_MODULE = "tee";
/** What a TA module exports: its memory, and functions. */
const EXPORTS = [
  "input",
  "inputCapacity",
  "invoke",
  "memory",
  "output",
  "outputLength",
  "version",
] as const;

type TaExports = {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly invoke: (command: number, inputLength: number) => number;
  readonly input: () => number;
  readonly inputCapacity: () => number;
  readonly output: () => number;
  readonly outputLength: () => number;
  readonly version: () => number;
};

/** Compiles a TA, and refuses one whose imports and exports are not exactly those of this interface. */
export function loadTa(bytes: Uint8Array): Result<TaModule, TaModuleRefusal> {
  const module = compile(bytes);
  if (module === undefined) return err("not-wasm");
  const imported = Module.imports(module).map((it) => `${it.module} ${it.name} ${it.kind}`);
  const allowed = INTERNAL_API_IMPORTS.map((name) => `${IMPORT_MODULE} ${name} function`);
  if (!sameNames(imported, allowed)) return err("wrong-imports");
  const exported = Module.exports(module).map((it) => `${it.name} ${it.kind}`);
  const wanted = EXPORTS.map((name) => `${name} ${name === "memory" ? "memory" : "function"}`);
  return sameNames(exported, wanted) ? ok(module as TaModule) : err("wrong-exports");
}

/** One instance of a TA over the internal API of a trusted OS. */
export function bind(module: TaModule, api: TeeInternalApi): TaInstance {
  const memory = (): Uint8Array => new Uint8Array(ta.memory.buffer);
  const imports = { [IMPORT_MODULE]: importsOf(api, memory) };
  const ta = new Instance(module, imports).exports as TaExports;
  const capacity = ta.inputCapacity();
  let trapped = false;
  return {
    invoke(command, input) {
      if (trapped) throw new Error("the TA has trapped");
      trapped = true;
      // What does not fit is not copied: the TA sees the length, and refuses.
      memory().set(input.subarray(0, capacity), ta.input());
      const status = ta.invoke(command, input.length);
      const output = part(memory(), ta.output(), ta.outputLength()).slice();
      trapped = false;
      return { status, output };
    },
  };
}

type Import = (...values: number[]) => number | void;

/** The internal API as the module calls it: addresses and lengths in its memory, each checked here. */
function importsOf(
  api: TeeInternalApi,
  memory: () => Uint8Array,
): Record<(typeof INTERNAL_API_IMPORTS)[number], Import> {
  const read = (at: number, length: number): Uint8Array => part(memory(), at, length);
  const write = (at: number, bytes: Uint8Array): void =>
    part(memory(), at, bytes.length).set(bytes);
  const writeFixed = (at: number, bytes: Uint8Array, length: number): void => {
    if (bytes.length !== length) throw new RangeError(`${bytes.length} bytes, not ${length}`);
    write(at, bytes);
  };
  /** Writes what fits; the TA judges by the length. */
  const writeUpTo = (at: number, bytes: Uint8Array, room: number): number => {
    if (bytes.length <= room) write(at, bytes);
    return bytes.length;
  };
  return {
    digest: (at, length, out) => writeFixed(out, api.digest(read(at, length)), 32),
    random: (at, length) => writeFixed(at, api.random(length), length),
    generateKey: (out) => writeFixed(out, api.generateKey(), 64),
    expand(key, out) {
      const point = api.expand(read(key, 33));
      if (point === undefined) return 0;
      writeFixed(out, point, 64);
      return 1;
    },
    sign: (at, length, out) => writeFixed(out, api.sign(read(at, length)), 64),
    verify: (key, at, length, signature) =>
      api.verify(read(key, 33), read(at, length), read(signature, 64)) ? 1 : 0,
    attest(audience, audienceLength, nonce, vk, anchor, out, room) {
      const parts = [read(nonce, 16), read(vk, 33), read(anchor, 32)] as const;
      return writeUpTo(out, api.attest(read(audience, audienceLength), ...parts), room);
    },
    readState: (out, room) => writeUpTo(out, api.readState(), room),
    stageState: (at, length) => api.stageState(read(at, length)),
  };
}

function compile(bytes: Uint8Array): WasmModule | undefined {
  try {
    return new Module(bytes);
  } catch (error) {
    if (error instanceof CompileError) return undefined;
    throw error;
  }
}

/** A part of the TA's memory; an address or length outside it ends the TA. */
function part(memory: Uint8Array, at: number, length: number): Uint8Array {
  const start = at >>> 0;
  const end = start + (length >>> 0);
  if (end > memory.length) throw new RangeError(`no memory from ${start} to ${end}`);
  return memory.subarray(start, end);
}

function sameNames(names: readonly string[], wanted: readonly string[]): boolean {
  return names.length === wanted.length && wanted.every((name) => names.includes(name));
}
