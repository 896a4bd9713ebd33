import type { Purse } from "../../src/outcomes/index.ts";

/** A TA's purse with nothing in it; its id is its number. */
export function emptyPurse(number: number, maxHolding: bigint): Purse {
  return {
    id: number.toString(16).padStart(64, "0"),
    limits: { maxHolding },
    balance: 0n,
    reserved: 0n,
    d: 0,
    depositDigest: "",
    r: 0,
    requests: [],
    outcomes: [],
    j: 0,
    payments: [],
    deposited: 0n,
    withdrawn: 0n,
    paid: 0n,
    collected: 0n,
  };
}
