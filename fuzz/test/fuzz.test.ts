import { describe, expect, it } from "vitest";
import { Random } from "../src/random.ts";
import { failureOf, fuzz, shrink } from "../src/run.ts";
import { must, type Target } from "../src/target.ts";
import { TARGETS } from "../src/targets/index.ts";

describe("hostile input", () => {
  it.for(TARGETS)("is read or refused, and nothing else, by $name", async (target) => {
    expect((await fuzz(target, 1, 2_000)).failure).toBeUndefined();
  });
});

describe("the fuzzer", () => {
  const picky: Target = {
    name: "picky",
    make: (random) => [random.bytes(40), random.bytes(40)],
    run: ([first = new Uint8Array()]) => must(!first.includes(7), "no 7"),
  };

  it("finds what fails, shrinks it, and makes it again from seed and number", async () => {
    const { failure } = await fuzz(picky, 5, 10_000);
    expect(failure).toMatchObject({ message: "Error: no 7", input: ["07"] });
    const again = picky.make(new Random(5, failure!.index));
    expect(await failureOf(picky, again)).toBe("Error: no 7");
    expect(await shrink(picky, again, "Error: no 7")).toEqual([Uint8Array.of(7)]);
  });

  // A network has keys of its own each time.
  const fixed = TARGETS.filter(({ begin }) => begin === undefined);
  it.for(fixed)("makes the same inputs of the same seed for $name", (target) => {
    expect(target.make(new Random(3, 9))).toEqual(target.make(new Random(3, 9)));
  });
});
