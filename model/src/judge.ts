import type { Instance } from "./instances.ts";
import type { Verdict } from "./spin.ts";

/** What is not as expected, or undefined. */
export function complaintAbout({ counterexample }: Instance, verdict: Verdict): string | undefined {
  const { trace } = verdict;
  if (counterexample === undefined) {
    return trace === undefined ? undefined : `does not hold:\n${trace.join("\n")}`;
  }
  if (trace === undefined) return "has no counterexample, and must have one";
  const { steps, ends } = counterexample;
  const left = [...steps, ends];
  for (const line of trace) if (line === left[0]) left.shift();
  if (left[0] !== undefined) return `has another trace, without "${left[0]}":\n${trace.join("\n")}`;
  // What comes after the first violation is of no interest; what comes before must not be another one.
  const first = trace.find((line) => line.startsWith("VIOLATED") || line.startsWith("REACHED"));
  return first === ends ? undefined : `ends with ${first}, not with ${ends}`;
}

/** Steps of a model that none of its instances takes: there the model is idle, and what holds is said of nothing. */
export function neverReached(verdicts: readonly Verdict[]): string[] {
  const [first, ...others] = verdicts;
  return [...new Set(first?.unreached)].filter((step) =>
    others.every(({ unreached }) => unreached.includes(step)),
  );
}
