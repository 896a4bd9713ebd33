import { concatBytes } from "@bezant/protocol";
import { allItems, copyOf, parseItem, writeItem, type Item } from "./items.ts";
import type { Random } from "./random.ts";

const NUMBERS = [
  0n,
  1n,
  2n,
  3n,
  7n,
  23n,
  24n,
  255n,
  256n,
  65_535n,
  65_536n,
  0x7fff_ffffn,
  0xffff_fffen,
  0xffff_ffffn,
  0x1_0000_0000n,
  0x7fff_ffff_ffff_ffffn,
  0xffff_ffff_ffff_fffen,
  0xffff_ffff_ffff_ffffn,
];

type Change = (random: Random, item: Item, others: readonly Item[]) => void;

const changes: readonly Change[] = [
  (random, item) => {
    if (item.major < 2) item.argument = random.pick(NUMBERS);
    else if (item.content !== undefined) resize(random, item);
  },
  (random, item) => {
    if (item.major < 2) item.argument += random.chance(0.5) || item.argument === 0n ? 1n : -1n;
    else if (item.content !== undefined) flip(random, item);
    item.argument &= 0xffff_ffff_ffff_ffffn;
  },
  // Another item, of this message or another one, in its place.
  (random, item, others) => {
    const other = copyOf(random.pick(others));
    delete item.width;
    delete item.items;
    delete item.content;
    Object.assign(item, other);
  },
  // A number written longer than it has to be.
  (random, item) => {
    item.width = random.pick([1, 2, 4, 8] as const);
    if (item.argument >= 1n << BigInt(8 * item.width)) item.width = 8;
  },
  (random, item) => {
    const { items } = item;
    if (items === undefined || items.length === 0 || item.major === 2) return;
    const step = item.major === 5 ? 2 : 1;
    const at = random.below(items.length / step) * step;
    const part = items.slice(at, at + step);
    if (random.chance(0.5)) items.splice(at, step);
    else items.splice(random.below(items.length / step) * step, 0, ...part.map(copyOf));
    if (item.major !== 6) item.argument = BigInt(Math.floor(items.length / step));
  },
  // Pairs of a map, or items of an array, in another order.
  (random, item) => {
    const { items } = item;
    if (items === undefined || items.length < 4 || item.major === 2) return;
    items.push(...items.splice(0, item.major === 5 ? 2 : 1));
    if (random.chance(0.3)) items.reverse();
  },
  (random, item) => {
    item.major = random.below(8);
    if (item.major === 7) item.argument = random.pick([20n, 21n, 22n, 23n, 24n, 31n]);
  },
];

/** Another version of a message: mostly one change in its structure, sometimes more, sometimes in its bytes alone. */
export function mutate(
  random: Random,
  bytes: Uint8Array,
  corpus: readonly Uint8Array[],
): Uint8Array {
  const known = random.chance(0.75) ? treeOf(bytes) : undefined;
  if (known === undefined) return mutateBytes(random, bytes, corpus);
  const root = copyOf(known.root);
  const others = random.chance(0.3) ? known.all : (treeOf(random.pick(corpus)) ?? known).all;
  do random.pick(changes)(random, random.pick(allItems(root)), others);
  while (random.chance(0.35));
  return writeItem(root).subarray(0, 6_000);
}

interface Tree {
  readonly root: Item;
  readonly all: readonly Item[];
}
const trees = new WeakMap<Uint8Array, Tree | null>();

/** What bytes of a corpus are made of, found out once. */
function treeOf(bytes: Uint8Array): Tree | undefined {
  let tree = trees.get(bytes);
  if (tree === undefined) {
    const root = parseItem(bytes);
    tree = root === undefined ? null : { root, all: allItems(root) };
    trees.set(bytes, tree);
  }
  return tree ?? undefined;
}

export function mutateBytes(
  random: Random,
  bytes: Uint8Array,
  corpus: readonly Uint8Array[],
): Uint8Array {
  const at = random.below(bytes.length + 1);
  switch (random.below(6)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return concatBytes(
        bytes.subarray(0, at),
        random.bytes(1 + random.below(4)),
        bytes.subarray(at),
      );
    case 2: {
      const other = random.pick(corpus);
      return concatBytes(bytes.subarray(0, at), other.subarray(random.below(other.length + 1)));
    }
    case 3:
      return concatBytes(bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(8)));
    case 4:
      return random.bytes(random.below(80));
    default: {
      if (bytes.length === 0) return bytes;
      const place = random.below(bytes.length);
      return bytes.with(place, (bytes[place] ?? 0) ^ (1 << random.below(8)));
    }
  }
}

function resize(random: Random, item: Item): void {
  const size = random.pick([0, 1, 7, 8, 9, 16, 31, 32, 33, 63, 64, 65, 255, 256, 257, 2_049]);
  const content = new Uint8Array(size);
  content.set((item.content ?? content).subarray(0, size));
  delete item.items;
  Object.assign(item, { content, argument: BigInt(size) });
}

function flip(random: Random, item: Item): void {
  const { content } = item;
  if (content === undefined || content.length === 0 || item.items !== undefined) return;
  const place = random.below(content.length);
  item.content = content.with(place, (content[place] ?? 0) ^ (1 << random.below(8)));
}
