import { concatBytes, toHex } from "@bezant/protocol";
import { Random } from "./random.ts";
import type { Target } from "./target.ts";

export interface Failure {
  readonly target: string;
  readonly seed: number;
  /** Number of the input: `--from` with it makes this input alone. */
  readonly index: number;
  readonly message: string;
  /** The shortest input found that fails in the same way, in hexadecimal. */
  readonly input: readonly string[];
}

export interface Report {
  readonly target: string;
  readonly seed: number;
  /** Byte strings handed in: a session of a TA counts each of its commands. */
  readonly inputs: number;
  readonly failure: Failure | undefined;
}

/** Hands inputs to a target until there were enough, or one fails. */
export async function fuzz(
  target: Target,
  seed: number,
  inputs: number,
  from = 0,
): Promise<Report> {
  await target.begin?.();
  try {
    return await fuzzRunning(target, seed, inputs, from);
  } finally {
    await target.end?.();
  }
}

async function fuzzRunning(
  target: Target,
  seed: number,
  inputs: number,
  from: number,
): Promise<Report> {
  let given = 0;
  for (let index = from; given < inputs; index++) {
    const input = target.make(new Random(seed, index));
    given += Math.max(1, input.length);
    const message = await failureOf(target, input);
    if (message === undefined) continue;
    const shortest = (await shrink(target, input, message)).map(toHex);
    const failure = { target: target.name, seed, index, message, input: shortest };
    return { target: target.name, seed, inputs: given, failure };
  }
  return { target: target.name, seed, inputs: given, failure: undefined };
}

export async function failureOf(
  target: Target,
  input: readonly Uint8Array[],
): Promise<string | undefined> {
  try {
    await target.run(input);
    return undefined;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

const MAX_TRIES = 3_000;

/** Leaves out what is not needed to fail in the same way: whole parts, then stretches of bytes. */
export async function shrink(
  target: Target,
  input: readonly Uint8Array[],
  message: string,
): Promise<readonly Uint8Array[]> {
  let best = input;
  let tries = 0;
  const fails = async (candidate: readonly Uint8Array[]): Promise<boolean> => {
    tries += 1;
    if (tries > MAX_TRIES || (await failureOf(target, candidate)) !== message) return false;
    best = candidate;
    return true;
  };
  for (let i = best.length - 1; i >= 0 && best.length > 1; i--) await fails(best.toSpliced(i, 1));
  for (const i of best.keys()) {
    const part = (): Uint8Array => best[i] ?? new Uint8Array();
    for (let size = part().length >> 1; size > 0; size >>= 1) {
      for (let at = 0; at + size <= part().length;) {
        const shorter = concatBytes(part().subarray(0, at), part().subarray(at + size));
        if (!(await fails(best.with(i, shorter)))) at += size;
      }
    }
  }
  return best;
}
