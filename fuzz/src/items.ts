import { concatBytes } from "@bezant/protocol";

// CBOR as loose as an adversary may want it: any order, any length of a number, bytes inside bytes.

export interface Item {
  /** RFC 8949 §3: 0 unsigned, 1 negative, 2 bytes, 3 text, 4 array, 5 map, 6 tag, 7 simple. */
  major: number;
  /** The argument: a number, or how many bytes, items or pairs. */
  argument: bigint;
  /** Bytes of the argument, where it is not the shortest. */
  width?: 1 | 2 | 4 | 8;
  content?: Uint8Array;
  /** Of an array, a map (key, value, key, …) or a tag; or what a byte string holds, if that is CBOR. */
  items?: Item[];
}

const MAX_DEPTH = 24;

type Cursor = { readonly bytes: Uint8Array; at: number };

/** The tree of bytes that are one definite-length CBOR item; undefined for all others. */
export function parseItem(bytes: Uint8Array): Item | undefined {
  try {
    const cursor = { bytes, at: 0 };
    const item = read(cursor, 0);
    return cursor.at === bytes.length ? item : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

export function writeItem(item: Item): Uint8Array {
  const { major, items, content } = item;
  if (major === 2 && items !== undefined) {
    const inner = concatBytes(...items.map(writeItem));
    return concatBytes(head({ ...item, argument: BigInt(inner.length) }), inner);
  }
  const body = items?.map(writeItem) ?? (content === undefined ? [] : [content]);
  return concatBytes(head(item), ...body);
}

/** Every item of the tree, the root first. */
export function allItems(root: Item, found: Item[] = []): Item[] {
  found.push(root);
  for (const item of root.items ?? []) allItems(item, found);
  return found;
}

/** A copy whose items can be changed; what they hold is never changed in place. */
export function copyOf(item: Item): Item {
  const { items } = item;
  return items === undefined ? { ...item } : { ...item, items: items.map(copyOf) };
}

function read(cursor: Cursor, depth: number): Item {
  if (depth > MAX_DEPTH) throw new RangeError("too deep");
  const first = take(cursor, 1)[0] ?? 0;
  const major = first >> 5;
  const info = first & 0x1f;
  const width = info < 24 ? 0 : ([1, 2, 4, 8][info - 24] ?? 9);
  if (width === 9) throw new RangeError("no such length");
  const argument =
    width === 0 ? BigInt(info) : take(cursor, width).reduce((n, b) => (n << 8n) | BigInt(b), 0n);
  const item: Item = { major, argument };
  if (width > shortest(argument)) item.width = width as 1 | 2 | 4 | 8;
  if (major === 2 || major === 3) readContent(cursor, item, depth);
  else readItems(cursor, item, depth);
  return item;
}

function readContent(cursor: Cursor, item: Item, depth: number): void {
  item.content = take(cursor, Number(item.argument));
  const inner = item.major === 2 && depth < MAX_DEPTH ? parseItem(item.content) : undefined;
  // A random byte string is often one small number: only what has structure is opened.
  if (inner !== undefined && inner.major >= 4 && inner.major < 7) item.items = [inner];
}

function readItems(cursor: Cursor, item: Item, depth: number): void {
  const { major, argument } = item;
  if (major < 4 || major === 7) return;
  const count = major === 6 ? 1n : major === 5 ? 2n * argument : argument;
  if (count > 5_000n) throw new RangeError("too many");
  item.items = Array.from({ length: Number(count) }, () => read(cursor, depth + 1));
}

function take(cursor: Cursor, length: number): Uint8Array {
  const end = cursor.at + length;
  if (end > cursor.bytes.length) throw new RangeError("cut short");
  const taken = cursor.bytes.subarray(cursor.at, end);
  cursor.at = end;
  return taken;
}

function head({ major, argument, width }: Item): Uint8Array {
  const bytes = width ?? shortest(argument);
  const first = major << 5;
  if (bytes === 0) return Uint8Array.of(first | Number(argument));
  const out = new Uint8Array(1 + bytes);
  out[0] = first | (24 + Math.log2(bytes));
  for (let i = 0, rest = argument; i < bytes; i++, rest >>= 8n)
    out[bytes - i] = Number(rest & 0xffn);
  return out;
}

function shortest(argument: bigint): 0 | 1 | 2 | 4 | 8 {
  if (argument < 24n) return 0;
  if (argument < 0x100n) return 1;
  if (argument < 0x1_0000n) return 2;
  return argument < 0x1_0000_0000n ? 4 : 8;
}
