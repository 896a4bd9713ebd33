import { unwrap } from "@bezant/protocol";
import { afterEach, expect } from "vitest";
import { isBalanced } from "../../../src/index.ts";
import type { World } from "./index.ts";

/** After every test: what is owed is what was paid in, and every balance is the sum of its transfers. */
export function expectSupplyIdentity(world: () => World): void {
  afterEach(async () => {
    const supply = unwrap(await world().provider.audit());
    expect(supply.tampered).toEqual([]);
    expect(isBalanced(supply)).toBe(true);
  });
}
