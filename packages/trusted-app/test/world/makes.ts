import { readFileSync } from "node:fs";
import { unwrap } from "@bezant/protocol";
import { createReferenceTa } from "../../src/reference/index.ts";
import { bind, loadTa } from "../../src/wasm.ts";
import type { MakeTa } from "./trusted-os.ts";

const binary = new URL("../../bin/ops-ta.wasm", import.meta.url);
const module = unwrap(loadTa(readFileSync(binary)));

export const wasmTa: MakeTa = (api) => bind(module, api);

/** The TAs that have to behave alike: the measured one, and the reference. */
export const MAKES: Readonly<Record<string, MakeTa>> = {
  Wasm: wasmTa,
  reference: createReferenceTa,
};
