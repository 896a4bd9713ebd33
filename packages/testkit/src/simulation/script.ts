import { ACTIONS, HEAL, type Action } from "./actions/index.ts";
import type { SignatureMode } from "./cryptography.ts";

/** What a script runs on: everything but the actions follows from these. */
export type ScriptWorld = {
  readonly seed: string;
  readonly mode?: SignatureMode;
  readonly providers: number;
  readonly devices?: number;
  readonly merchants?: number;
};

/** One line of JSON for the world, and one for each action. */
export function printScript(of: ScriptWorld, actions: readonly Action[]): string {
  const { seed, mode, providers, devices, merchants } = of;
  const world = { seed, mode, providers, devices, merchants };
  return [world, ...actions].map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** @throws Error for what is no script */
export function parseScript(text: string): ScriptWorld & { readonly script: readonly Action[] } {
  const [world, ...actions] = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  if (typeof world?.["seed"] !== "string" || typeof world["providers"] !== "number") {
    throw new TypeError("the first line names no seed and providers");
  }
  for (const action of actions) {
    const isKnown = action["do"] === HEAL || Object.hasOwn(ACTIONS, String(action["do"]));
    const numbers = ["u", "v", "n", "chance"].map((name) => action[name]);
    if (isKnown && numbers.every((one) => Number.isSafeInteger(one))) continue;
    throw new TypeError(`no action: ${JSON.stringify(action)}`);
  }
  return { ...(world as unknown as ScriptWorld), script: actions as unknown as Action[] };
}
