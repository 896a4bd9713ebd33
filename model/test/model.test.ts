import process from "node:process";
import { describe, expect, it } from "vitest";
import { INSTANCES } from "../src/instances.ts";
import { complaintAbout, neverReached } from "../src/judge.ts";
import { check, type Verdict } from "../src/spin.ts";
import { prepareTools } from "../src/tools.ts";

const tools = prepareTools();
const quick = INSTANCES.filter(({ isLong }) => isLong !== true);

// Elsewhere a machine without Spin skips what follows; in CI nothing is skipped.
if (process.env["CI"] === "true") {
  it("can be checked here", () => expect(tools).toEqual({ ok: true }));
}

describe.skipIf(!tools.ok)(`the model${tools.ok ? "" : ` (skipped: ${tools.why})`}`, () => {
  const held: Verdict[] = [];

  it.for(quick)("$name", (instance) => {
    const verdict = check(instance);
    expect(complaintAbout(instance, verdict)).toBeUndefined();
    if (instance.counterexample === undefined && instance.file === "bezant.pml") held.push(verdict);
  });

  it("has no step that is never taken", () => {
    expect(held.length).toBeGreaterThan(1);
    expect(neverReached(held)).toEqual([]);
  });
});
