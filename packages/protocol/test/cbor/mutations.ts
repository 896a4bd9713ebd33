import fc from "fast-check";

/** One small damage to a byte string: a byte changed, put in, taken out, or the end cut off. */
export type Mutation = {
  readonly how: "flip" | "insert" | "delete" | "cut";
  readonly at: number;
  readonly byte: number;
};

export const mutations: fc.Arbitrary<readonly Mutation[]> = fc.array(
  fc.record({
    how: fc.constantFrom("flip", "insert", "delete", "cut"),
    at: fc.nat(),
    byte: fc.integer({ min: 1, max: 255 }),
  }),
  { minLength: 1, maxLength: 3 },
);

export function mutate(bytes: Uint8Array, steps: readonly Mutation[]): Uint8Array {
  const list = [...bytes];
  for (const { how, at, byte } of steps) {
    const place = at % (list.length + 1);
    if (how === "insert") list.splice(place, 0, byte);
    else if (how === "delete") list.splice(place, 1);
    else if (how === "cut") list.length = place;
    else if (place < list.length) list[place] = (list[place] ?? 0) ^ byte;
  }
  return Uint8Array.from(list);
}
