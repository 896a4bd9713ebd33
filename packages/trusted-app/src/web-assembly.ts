/**
 * The part of the WebAssembly JavaScript interface that binding a TA needs. TypeScript has it only in the DOM's library,
 * which does not belong in a trusted OS.
 */
interface WebAssemblyApi {
  readonly Module: {
    new (bytes: Uint8Array): WasmModule;
    imports(module: WasmModule): { module: string; name: string; kind: string }[];
    exports(module: WasmModule): { name: string; kind: string }[];
  };
  readonly Instance: new (
    module: WasmModule,
    imports: Record<string, Record<string, (...values: number[]) => number | void>>,
  ) => { readonly exports: object };
  readonly CompileError: new () => Error;
}

/** A compiled module: `WebAssembly.Module`. */
export type WasmModule = object;

export const { Module, Instance, CompileError } = (
  globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }
).WebAssembly;
