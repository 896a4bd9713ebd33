// Crash at every write of every command of the real TA, and at the one that it leaves for later: the state after a restart is the
// one before or the one after, and the output was released only in the second case.
import { retirement, unwrap } from "@bezant/protocol";
import { COMMANDS } from "@bezant/trusted-app/commands";
import { beforeAll, describe, expect, it } from "vitest";
import { TA_OBJECT } from "../src/os/trusted-os.ts";
import { FATES, PowerLoss, seededRandom } from "../src/simulation/index.ts";
import { SecureObject } from "../src/storage/secure-object.ts";
import type { MemoryDevice } from "./support/device.ts";
import { playStory, run, startFor, type Step } from "./support/story.ts";

/** What each command writes in all when it has its effect. `Pay` and others write nothing when they repeat an answer. */
const WRITES: Partial<Record<keyof typeof COMMANDS, number>> = {
  Attest: 0,
  Resend: 0,
  GetBalance: 0,
  GetInfo: 0,
};

/** The TA's object as it is committed: its state and its key. */
function objectOf({ files, rootOfTrust }: MemoryDevice): string {
  const random = seededRandom("reader");
  const object = unwrap(
    SecureObject.open({ files, random, rootOfTrust: rootOfTrust(), ...TA_OBJECT }),
  );
  return Buffer.from(object.content ?? []).toString("hex");
}

/** Counts the writes from now on. */
function writesOf({ files }: MemoryDevice): () => number {
  const { writes } = files;
  return () => files.writes - writes;
}

/** How many writes the step's answer waits for. */
function awaitedBy(step: Step): number {
  step.device.files.restore(step.before);
  const os = startFor(step);
  const written = writesOf(step.device);
  run(os, step);
  return written();
}

describe("a crash of the trusted OS", () => {
  let steps: readonly Step[] = [];
  beforeAll(async () => {
    steps = await playStory();
  });

  it("is tried in every command that the TA has", () => {
    expect(new Set(steps.map(({ name }) => name))).toEqual(new Set(Object.keys(COMMANDS)));
  });

  it("leaves the state before or the state after, and releases output only in the second case", () => {
    const found = { before: 0, after: 0, "after, and released": 0 };
    for (const step of steps) {
      const { device, before, invocation, title } = step;
      device.files.restore(before);
      const stateBefore = objectOf(device);
      const os = startFor(step);
      const written = writesOf(device);
      expect({ title, ...run(os, step) }).toEqual({ title, ...invocation });
      const awaited = written();
      os.writeBack();
      const count = written();
      expect({ title, count }).toEqual({ title, count: WRITES[step.name] ?? 2 });
      expect({ title, awaits: awaited > 0 }).toEqual({ title, awaits: count > 0 });
      const stateAfter = objectOf(device);
      expect({ title, changed: stateAfter !== stateBefore }).toEqual({ title, changed: count > 0 });

      for (let cut = 0; cut < count; cut++) {
        for (const [fateName, fate] of Object.entries(FATES)) {
          device.files.restore(before);
          const crashing = startFor(step);
          device.files.cutPower(cut, fate);
          const isReleased = cut >= awaited;
          if (isReleased) {
            expect({ title, ...run(crashing, step) }).toEqual({ title, ...invocation });
            expect(() => crashing.writeBack()).toThrow(PowerLoss);
          } else {
            // The output never leaves: the call does not come back.
            expect(() => run(crashing, step)).toThrow(PowerLoss);
          }
          device.files.restart();
          const state = objectOf(device);
          const at = `${title}, write ${cut} ${fateName}`;
          const which = state === stateBefore ? "before" : state === stateAfter ? "after" : at;
          expect(isReleased ? ["after"] : ["before", "after"]).toContain(which);
          found[isReleased ? "after, and released" : (which as "before" | "after")] += 1;
          // And it goes on: the same command succeeds, is refused as a repeat, or gives its answer again.
          expect(run(startFor(step), step).status).toBeTypeOf("number");
        }
      }
    }
    for (const times of Object.values(found)) expect(times).toBeGreaterThan(100);
  });

  it("loses no retirement statement: it is had again, in the same words, however the power was cut", () => {
    const step = steps.find(({ name }) => name === "Retire")!;
    const { device, before, invocation } = step;
    const last = unwrap(retirement.parse(invocation.output)).payload;
    for (const cut of [0, 1]) {
      for (const fate of Object.values(FATES)) {
        device.files.restore(before);
        const crashing = startFor(step);
        device.files.cutPower(cut, fate);
        expect(() => {
          run(crashing, step);
          crashing.writeBack();
        }).toThrow(PowerLoss);
        device.files.restart();
        for (const seed of ["after", "once more"]) {
          const { output } = run(startFor({ device, seed }), step);
          expect(unwrap(retirement.parse(output)).payload).toEqual(last);
        }
      }
    }
  });

  it("does not undo, by a second crash, what it found after the first", () => {
    // Only a commit that writes its image first leaves something to be finished.
    const twofold = steps.filter((step) => awaitedBy(step) === 2);
    expect(new Set(twofold.map(({ name }) => name))).toContain("Init");
    for (const step of twofold) {
      const { device, before } = step;
      for (const fate of Object.values(FATES)) {
        device.files.restore(before);
        const crashing = startFor(step);
        device.files.cutPower(0, FATES.whole);
        expect(() => run(crashing, step)).toThrow(PowerLoss);
        for (const cut of [0, 1]) {
          device.files.restart();
          device.files.cutPower(cut, fate);
          expect(() => startFor(step)).toThrow(PowerLoss);
        }
        device.files.restart();
        const state = objectOf(device);
        expect(objectOf(device)).toBe(state);
        expect(run(startFor(step), step).status).toBeTypeOf("number");
      }
    }
  });
});
