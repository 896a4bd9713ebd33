import { randomBytes } from "node:crypto";
import { toHex } from "@bezant/protocol";
import { describe, expect, test } from "vitest";
import { pooledRandom } from "../src/crypto/pooled-random.ts";

/** 0, 1, 2, … in the same kind of Buffer that node:crypto gives. */
function counting(asked: number[]): (length: number) => Uint8Array {
  let next = 0;
  return (length) => {
    asked.push(length);
    return Buffer.from(Array.from({ length }, () => next++ & 0xff));
  };
}

describe("pooled random bytes", () => {
  test("are the source's, each given out once and in order", () => {
    const asked: number[] = [];
    const random = pooledRandom(counting(asked));
    const taken = Array.from({ length: 600 }, () => [...random(8)]).flat();
    expect(taken).toEqual(Array.from({ length: 4800 }, (_, i) => i & 0xff));
    expect(asked).toEqual([4096, 4096]);
  });

  test("are never the zeros of a wiped pool, and stay what they were", () => {
    const random = pooledRandom(randomBytes);
    const taken = Array.from({ length: 2000 }, () => random(16));
    const seen = new Set(taken.map(toHex));
    expect(seen.size).toBe(2000);
    expect(seen.has("00".repeat(16))).toBe(false);
  });

  test("are wiped from the pool when they are given out", () => {
    const pools: Uint8Array[] = [];
    const random = pooledRandom((length) => {
      const pool = randomBytes(length);
      pools.push(pool);
      return pool;
    });
    random(32);
    expect(toHex(pools[0]?.subarray(0, 32) as Uint8Array)).toBe("00".repeat(32));
  });

  test("more than a pool come from the source directly", () => {
    const asked: number[] = [];
    expect(pooledRandom(counting(asked))(5000)).toHaveLength(5000);
    expect(asked).toEqual([5000]);
  });
});
