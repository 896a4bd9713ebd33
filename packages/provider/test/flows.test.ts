import { amount, FLOW_KINDS, type Flows } from "@bezant/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addFlows, crossed, flowsBeyond, forgotten, NO_FLOWS } from "../src/settlement/flows.ts";

const flows = fc
  .array(fc.bigInt(0n, 1000n), { minLength: FLOW_KINDS.length, maxLength: FLOW_KINDS.length })
  .map(
    (sums) => Object.fromEntries(FLOW_KINDS.map((kind, i) => [kind, amount(sums[i]!)])) as Flows,
  );

describe("what a report adds", () => {
  test("is what has moved since the one before, kind by kind, where nothing was forgotten", () => {
    fc.assert(
      fc.property(flows, flows, (reported, moved) => {
        expect(flowsBeyond(reported, addFlows(reported, moved))).toEqual(moved);
        expect(forgotten(reported, addFlows(reported, moved))).toEqual({ outward: 0n, inward: 0n });
      }),
    );
    expect(flowsBeyond(NO_FLOWS, NO_FLOWS)).toEqual(NO_FLOWS);
  });

  test("brings the sums reported to those of the ledger in each direction, or leaves them where it has forgotten", () => {
    fc.assert(
      fc.property(flows, flows, (reported, held) => {
        const told = crossed(addFlows(reported, flowsBeyond(reported, held)));
        const [before, own, lost] = [crossed(reported), crossed(held), forgotten(reported, held)];
        for (const way of ["outward", "inward"] as const) {
          expect(told[way]).toBe(before[way] > own[way] ? before[way] : own[way]);
          expect(told[way] - lost[way]).toBe(own[way]);
        }
      }),
    );
  });
});
