import { concatBytes } from "@bezant/protocol";
import fc from "fast-check";

/** A CBOR item as a tree, to be written again with something wrong in it. */
interface Node {
  readonly major: number;
  /** What the head says: a value, a length or a count. */
  readonly argument: bigint;
  /** How many forms longer than needed the head is. */
  readonly longer: number;
  /** A string. */
  readonly bytes?: Uint8Array;
  /** What is in an array, in a map (keys and values), or in a byte string that holds an item. */
  readonly items?: readonly Node[];
}

const [UINT, NINT, BYTES, TEXT, ARRAY, MAP, SIMPLE] = [0, 1, 2, 3, 4, 5, 7];

function read(bytes: Uint8Array): Node {
  const [node, end] = readAt(bytes, 0);
  if (end !== bytes.length) throw new RangeError("more than one item");
  return node;
}

function readAt(bytes: Uint8Array, start: number): readonly [Node, number] {
  if (start >= bytes.length) throw new RangeError("the end");
  const major = bytes[start]! >> 5;
  const info = bytes[start]! & 31;
  if (info > 27) throw new RangeError("head");
  const size = info < 24 ? 0 : 1 << (info - 24);
  let at = start + 1 + size;
  const argument =
    size === 0
      ? BigInt(info)
      : BigInt(`0x${Buffer.from(bytes.subarray(start + 1, at)).toString("hex")}`);
  const node = { major, argument, longer: 0 };
  if (major === BYTES || major === TEXT) {
    const content = bytes.subarray(at, at + Number(argument));
    return [withContent(node, content), at + content.length];
  }
  if (major !== ARRAY && major !== MAP) return [node, at];
  const items: Node[] = [];
  for (let i = 0; i < Number(argument) * (major === MAP ? 2 : 1); i++) {
    const [item, end] = readAt(bytes, at);
    items.push(item);
    at = end;
  }
  return [{ ...node, items }, at];
}

/** A byte string that holds an array or a map is read on. */
function withContent(node: Node, bytes: Uint8Array): Node {
  const first = (bytes[0] ?? 0) >> 5;
  if (node.major !== BYTES || (first !== ARRAY && first !== MAP)) return { ...node, bytes };
  try {
    return { ...node, items: [read(bytes)] };
  } catch {
    return { ...node, bytes };
  }
}

function write({ major, argument, longer, bytes, items }: Node): Uint8Array {
  const content = bytes ?? concatBytes(...(items ?? []).map(write));
  // A byte string's length follows what is in it; any other head says what it says.
  const says = major === BYTES && items !== undefined ? BigInt(content.length) : argument;
  return concatBytes(head(major, says, longer), content);
}

function head(major: number, argument: bigint, longer: number): Uint8Array {
  const sizes = [24n, 1n << 8n, 1n << 16n, 1n << 32n];
  const shortest = sizes.findIndex((end) => argument < end);
  const form = Math.min((shortest === -1 ? 4 : shortest) + longer, 4);
  if (form === 0) return Uint8Array.of((major << 5) | Number(argument));
  const size = 1 << (form - 1);
  const digits = argument.toString(16).padStart(size * 2, "0");
  return Uint8Array.of((major << 5) | (23 + form), ...Buffer.from(digits, "hex"));
}

/** A change of one node: what it becomes among its siblings. */
type Change = (node: Node) => readonly Node[];

const BOUNDS = [
  0n,
  1n,
  2n,
  3n,
  4n,
  5n,
  23n,
  24n,
  255n,
  256n,
  65_535n,
  65_536n,
  65_537n,
  0xffff_ffffn,
  1n << 32n,
  (1n << 64n) - 1n,
];
/** Just inside and outside of [a-z0-9-], [A-Z] and UTF-8. */
const CHARACTERS = [...Buffer.from("-./09:@AZ[`az{ "), 0, 0x7f, 0x80, 0xc2, 0xff];

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.integer({ min: 1, max: 3 }).map((longer): Change => (node) => [{ ...node, longer }]),
  fc.constantFrom(...BOUNDS).map(
    (argument): Change =>
      (node) =>
        node.bytes === undefined && node.items === undefined ? [{ ...node, argument }] : [node],
  ),
  fc.constantFrom(-1n, 1n).map(
    (more): Change =>
      (node) =>
        node.argument + more < 0n ? [node] : [{ ...node, argument: node.argument + more }],
  ),
  fc.constantFrom(UINT, NINT, BYTES, TEXT, ARRAY, MAP, SIMPLE).map((major): Change => (node) => [
    { ...node, major },
  ]),
  fc.tuple(fc.nat(40), fc.constantFrom(...CHARACTERS)).map(([at, character]): Change => (node) => {
    const { bytes } = node;
    if (bytes === undefined || bytes.length === 0) return [node];
    return [{ ...node, bytes: bytes.with(at % bytes.length, character) }];
  }),
  fc
    .tuple(fc.constantFrom(...CHARACTERS), fc.boolean())
    .map(([character, shorter]): Change => (node) => {
      if (node.bytes === undefined) return [node];
      const bytes = shorter ? node.bytes.subarray(1) : Uint8Array.of(...node.bytes, character);
      return [{ ...node, bytes, argument: BigInt(bytes.length) }];
    }),
  fc.constant<Change>(() => []),
  fc.constant<Change>((node) => [node, node]),
  fc.constantFrom(0n, 2n, 13n, 65_536n).map((argument): Change => (node) => [
    node,
    { major: UINT, argument, longer: 0 },
    node,
  ]),
  // true, false, null, undefined and a float's first byte.
  fc.constantFrom(20n, 21n, 22n, 23n, 25n).map((argument): Change => () => [
    { major: SIMPLE, argument, longer: 0 },
  ]),
);

type Edit = { readonly where: number; readonly change: Change; readonly adjust: boolean };

/** Changes the node at a place, in order of writing; `adjust` lets the head above it follow the number of items. */
function edited(root: Node, { where, change: apply, adjust }: Edit): Node {
  let left = Math.floor(where * count(root));
  const visit = (node: Node): readonly Node[] => {
    if (left === 0) {
      left = -1;
      return apply(node);
    }
    left -= 1;
    if (node.items === undefined) return [node];
    const items = node.items.flatMap((item) => (left < 0 ? [item] : visit(item)));
    const more = BigInt(items.length - node.items.length) / (node.major === MAP ? 2n : 1n);
    const follows = adjust && node.major !== BYTES && node.argument + more >= 0n;
    return [{ ...node, items, argument: follows ? node.argument + more : node.argument }];
  };
  return visit(root)[0] ?? root;
}

function count({ items = [] }: Node): number {
  return items.reduce((sum, item) => sum + count(item), 1);
}

/** Swaps two entries of the first map or two items of the first array with as many. */
function swapped(node: Node, at: number): Node {
  const { items, major } = node;
  if (items === undefined) return node;
  const width = major === MAP ? 2 : 1;
  if (items.length < 2 * width || at % 3 === 0) {
    const index = at % Math.max(items.length, 1);
    return { ...node, items: items.map((item, i) => (i === index ? swapped(item, at + 1) : item)) };
  }
  const from = (at % (items.length / width - 1)) * width;
  const moved = [
    ...items.slice(from + width, from + 2 * width),
    ...items.slice(from, from + width),
  ];
  return { ...node, items: [...items.slice(0, from), ...moved, ...items.slice(from + 2 * width)] };
}

/** One or two changes to the structure of a CBOR item: heads, counts, order, types, bounds. */
export const restructuring: fc.Arbitrary<(bytes: Uint8Array) => Uint8Array> = fc
  .tuple(
    fc.array(
      fc.record({
        where: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        change,
        adjust: fc.boolean(),
      }),
      { minLength: 1, maxLength: 2 },
    ),
    fc.option(fc.nat(200), { freq: 6 }),
  )
  .map(([edits, swap]) => (bytes) => {
    const root = read(bytes);
    return write(swap === null ? edits.reduce(edited, root) : swapped(root, swap));
  });
