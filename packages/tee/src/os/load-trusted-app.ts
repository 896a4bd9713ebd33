import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { err, ok, type Result } from "@bezant/protocol";
import { bind, loadTa, type TaModule, type TaModuleRefusal } from "@bezant/trusted-app/wasm";
import type { TrustedApp } from "./trusted-app.ts";

/** The module is not one that this trusted OS runs: it imports, or exports, other things than the interface has. */
export type TrustedAppRefused = {
  readonly code: "trusted-app-refused";
  readonly detail: TaModuleRefusal | "no-version";
};

/** The Wasm module of the OPS trusted application, as this release ships it. */
export function opsTrustedApp(): Uint8Array {
  const url = import.meta.resolve("@bezant/trusted-app/ops-ta.wasm");
  return new Uint8Array(readFileSync(fileURLToPath(url)));
}

/** Measures a TA's module and checks what it imports and exports. */
export function loadTrustedApp(bytes: Uint8Array): Result<TrustedApp, TrustedAppRefused> {
  const module = loadTa(bytes);
  if (!module.ok) return err({ code: "trusted-app-refused", detail: module.error });
  const version = versionOf(module.value);
  if (version === undefined) return err({ code: "trusted-app-refused", detail: "no-version" });
  return ok({
    measurement: new Uint8Array(hash("sha256", bytes, "buffer")),
    version,
    instantiate: (api) => bind(module.value, api),
  });
}

type VersionOnly = {
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: { readonly version: () => number } };
};

/** What the module says of itself, asked of an instance that can call nothing; undefined if it traps. */
function versionOf(module: TaModule): number | undefined {
  const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: VersionOnly };
  const trap = (): never => {
    throw new Error("no calls here");
  };
  const tee = new Proxy({}, { get: () => trap });
  try {
    return new WebAssembly.Instance(module, { tee }).exports.version() >>> 0;
  } catch {
    return undefined;
  }
}
