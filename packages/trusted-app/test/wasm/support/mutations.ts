import { concatBytes } from "@bezant/protocol";
import fc from "fast-check";

type Change = (bytes: Uint8Array) => Uint8Array;

/** Where in some bytes, whatever their length. */
const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const at = (bytes: Uint8Array, where: number): number => Math.floor(where * bytes.length);

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(place, fc.nat(7)).map(([where, bit]): Change => (bytes) => {
    const i = at(bytes, where);
    return bytes.length === 0 ? bytes : bytes.with(i, (bytes[i] as number) ^ (1 << bit));
  }),
  fc.tuple(place, fc.nat(255)).map(
    ([where, byte]): Change =>
      (bytes) =>
        bytes.length === 0 ? bytes : bytes.with(at(bytes, where), byte),
  ),
  fc.tuple(place, fc.integer({ min: 1, max: 40 })).map(([where, length]): Change => (bytes) => {
    const i = at(bytes, where);
    return concatBytes(bytes.subarray(0, i), bytes.subarray(i + length));
  }),
  fc
    .tuple(place, fc.uint8Array({ minLength: 1, maxLength: 12 }))
    .map(([where, more]): Change => (bytes) => {
      const i = at(bytes, where);
      return concatBytes(bytes.subarray(0, i), more, bytes.subarray(i));
    }),
  fc
    .tuple(place, place, fc.integer({ min: 1, max: 40 }))
    .map(([from, to, length]): Change => (bytes) => {
      const i = at(bytes, from);
      const j = at(bytes, to);
      return concatBytes(bytes.subarray(0, j), bytes.subarray(i, i + length), bytes.subarray(j));
    }),
  place.map(
    (where): Change =>
      (bytes) =>
        bytes.subarray(0, at(bytes, where)),
  ),
);

/** One to three small changes. */
export const mutation: fc.Arbitrary<Change> = fc
  .array(change, { minLength: 1, maxLength: 3 })
  .map((changes) => (bytes) => changes.reduce((changed, apply) => apply(changed), bytes));

/** A head of this major type, seldom in a longer form than it needs. */
function head(major: number, argument: number): fc.Arbitrary<number[]> {
  const short = argument < 24 ? 0 : argument < 256 ? 1 : 2;
  const forms = [
    [(major << 5) | argument],
    [(major << 5) | 24, argument & 0xff],
    [(major << 5) | 25, argument >> 8, argument & 0xff],
    [(major << 5) | 26, 0, 0, argument >> 8, argument & 0xff],
    [(major << 5) | 27, 0, 0, 0, 0, 0, 0, argument >> 8, argument & 0xff],
  ];
  return fc
    .oneof({ weight: 40, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(2) })
    .map((longer) => forms[Math.min(short + longer, 4)] as number[]);
}

/** A string of bytes or text: text is mostly, but not always, UTF-8. */
const string = fc
  .oneof(
    fc.uint8Array({ maxLength: 30 }).map((bytes) => [2, bytes] as const),
    fc.string({ unit: "binary", maxLength: 8 }).map((text) => [3, Buffer.from(text)] as const),
    fc.uint8Array({ maxLength: 4 }).map((bytes) => [3, bytes] as const),
  )
  .chain(([major, bytes]) => head(major, bytes.length).map((start) => [...start, ...bytes]));

const number = fc
  .tuple(fc.nat(1), fc.oneof(fc.nat(30), fc.nat(300), fc.nat(0xffff)))
  .chain(([major, argument]) => head(major, argument));

const simple = fc.constantFrom<number[]>(
  [0xf4],
  [0xf5],
  [0xf6],
  [0xc1, 0],
  [0xfa, 0, 0, 0, 0],
  [0x1b, 255, 255, 255, 255, 255, 255, 255, 255],
  [0x9f, 0xff],
);

const { item } = fc.letrec<{ item: number[] }>((tie) => ({
  item: fc.oneof(
    { maxDepth: 9, withCrossShrink: true },
    number,
    string,
    simple,
    fc
      .array(tie("item"), { maxLength: 4 })
      .chain((items) => head(4, items.length).map((start) => [...start, ...items.flat()])),
    fc.array(fc.tuple(tie("item"), tie("item")), { maxLength: 4 }).chain((entries) =>
      fc.tuple(head(5, entries.length), fc.boolean()).map(([start, sorted]) => {
        const inOrder = sorted
          ? entries.toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
          : entries;
        return [...start, ...inOrder.flat(2)];
      }),
    ),
  ),
}));

/** One CBOR item, mostly deterministic. */
export const cborItem: fc.Arbitrary<Uint8Array> = item.map((bytes) => Uint8Array.from(bytes));
