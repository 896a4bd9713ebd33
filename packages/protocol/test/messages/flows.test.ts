import { expect, test } from "vitest";
import { decode, encode, FLOW_KINDS, flows, INWARD, OUTWARD, unwrap } from "../../src/index.ts";

test("every kind of flow is listed once, and only refunds move money neither out nor in", () => {
  const all = Object.fromEntries(FLOW_KINDS.map((kind, index) => [kind, BigInt(index)]));
  expect(unwrap(decode(flows, encode(flows, all as never)))).toEqual(all);
  expect(new Set(FLOW_KINDS).size).toBe(FLOW_KINDS.length);
  const moving = new Set<string>([...OUTWARD, ...INWARD]);
  expect(moving.size).toBe(OUTWARD.length + INWARD.length);
  expect(FLOW_KINDS.filter((kind) => !moving.has(kind))).toEqual(["refunds"]);
  expect([...moving].filter((kind) => !(kind in all))).toEqual([]);
});
