import fc from "fast-check";
import {
  array,
  bool,
  bstrOf,
  bytes,
  choice,
  hex,
  int,
  literal,
  map,
  mapped,
  named,
  oneOf,
  optional,
  raw,
  refined,
  tagged,
  text,
  tuple,
  uint,
  uint64,
  variants,
  type Infer,
} from "../../src/index.ts";

/** One schema with everything in it, of about the size of a payment. */
export const kitchenSink = map({
  small: [0, uint(23)],
  wide: [1, uint()],
  money: [2, uint64()],
  offset: [24, int(-0x1_0000_0000, 0xffff_ffff)],
  version: [-1, literal(1)],
  context: [-2, literal("bezant")],
  side: [-24, oneOf(1, 2, -7)],
  kind: [-25, named({ basic: 0, conditional: 1 })],
  flag: [256, bool()],
  signature: [257, bytes(64)],
  short: [65_536, bytes(0, 30)],
  id: [-65_537, hex(32)],
  name: [3, text(40)],
  tags: [4, array(tagged(7, uint(999)), { max: 4 })],
  place: [5, tuple(uint(), text(8, /^[a-z]*$/))],
  inner: [6, bstrOf(map({ a: [1, uint()], b: [2, optional(bool())] }))],
  even: [7, refined(uint(), (n) => n % 2 === 0)],
  year: [
    8,
    mapped(
      uint(9999),
      (n) => `y${n}`,
      (year) => Number(year.slice(1)),
    ),
  ],
  item: [9, raw(40)],
  outcome: [10, variants("is", 1, { collected: [0, { r: [2, uint()] }], void: [1, {}] })],
  answer: [11, choice({ done: [0, bytes(0, 4)], refused: [1, text(9)] })],
  note: [12, optional(text(20))],
  more: [-70_000, optional(uint64())],
});

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Exactly<A, B> = Same<A, B> extends true ? A : never;

/** What the compiler must find in the schema; where it finds anything else this is `never`, and nothing compiles. */
export type KitchenSink = Exactly<
  Infer<typeof kitchenSink>,
  {
    readonly small: number;
    readonly wide: number;
    readonly money: bigint;
    readonly offset: number;
    readonly version: 1;
    readonly context: "bezant";
    readonly side: 1 | 2 | -7;
    readonly kind: "basic" | "conditional";
    readonly flag: boolean;
    readonly signature: Uint8Array;
    readonly short: Uint8Array;
    readonly id: string;
    readonly name: string;
    readonly tags: readonly number[];
    readonly place: readonly [number, string];
    readonly inner: { readonly a: number; readonly b?: boolean };
    readonly even: number;
    readonly year: string;
    readonly item: Uint8Array;
    readonly outcome: { readonly is: "collected"; readonly r: number } | { readonly is: "void" };
    readonly answer:
      | { readonly kind: "done"; readonly value: Uint8Array }
      | { readonly kind: "refused"; readonly value: string };
    readonly note?: string;
    readonly more?: bigint;
  }
>;

const uint32 = fc.oneof(
  fc.nat({ max: 300 }),
  fc.nat({ max: 70_000 }),
  fc.nat({ max: 0xffff_ffff }),
);
const big = fc.oneof(uint32.map(BigInt), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }));
const byteString = (min: number, max: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: min, maxLength: max });
const unicode = (maxBytes: number): fc.Arbitrary<string> =>
  fc
    .string({ unit: "binary", maxLength: Math.floor(maxBytes / 2) })
    .filter((value) => value.isWellFormed() && Buffer.byteLength(value) <= maxBytes);

export const rawItems = fc
  .constantFrom(
    "00",
    "1903e8",
    "3bffffffffffffffff",
    "f5",
    "4401020304",
    "62c3bc",
    "80",
    "8301820203820405",
  )
  .map((hexText) => Uint8Array.from(Buffer.from(hexText, "hex")));

export const kitchenSinks: fc.Arbitrary<KitchenSink> = fc.record(
  {
    small: fc.nat({ max: 23 }),
    wide: uint32,
    money: big,
    offset: fc.oneof(
      uint32,
      uint32.map((n) => -1 - n),
    ),
    version: fc.constant(1 as const),
    context: fc.constant("bezant" as const),
    side: fc.constantFrom(1 as const, 2 as const, -7 as const),
    kind: fc.constantFrom("basic" as const, "conditional" as const),
    flag: fc.boolean(),
    signature: byteString(64, 64),
    short: byteString(0, 30),
    id: byteString(32, 32).map((bytes32) => Buffer.from(bytes32).toString("hex")),
    name: unicode(40),
    tags: fc.array(fc.nat({ max: 999 }), { maxLength: 4 }),
    place: fc.tuple(uint32, fc.stringMatching(/^[a-z]{0,8}$/)),
    inner: fc.record({ a: uint32, b: fc.boolean() }, { requiredKeys: ["a"] }),
    even: uint32.map((n) => n - (n % 2)),
    year: fc.nat({ max: 9999 }).map((n) => `y${n}`),
    item: rawItems,
    outcome: fc.oneof(
      fc.record({ is: fc.constant("collected" as const), r: uint32 }),
      fc.record({ is: fc.constant("void" as const) }),
    ),
    answer: fc.oneof(
      fc.record({ kind: fc.constant("done" as const), value: byteString(0, 4) }),
      fc.record({ kind: fc.constant("refused" as const), value: unicode(9) }),
    ),
    note: unicode(20),
    more: big,
  },
  {
    requiredKeys: [
      "small",
      "wide",
      "money",
      "offset",
      "version",
      "context",
      "side",
      "kind",
      "flag",
      "signature",
      "short",
      "id",
      "name",
      "tags",
      "place",
      "inner",
      "even",
      "year",
      "item",
      "outcome",
      "answer",
    ],
  },
);
