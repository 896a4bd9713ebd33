import {
  array,
  bstrOf,
  bytes,
  concatBytes,
  decode,
  encode,
  fromHex,
  int,
  map,
  optional,
  raw,
  tuple,
  uint,
  type Infer,
} from "@bezant/protocol";
import { otherHalf } from "../world/crypto.ts";
import type { Random } from "../world/random.ts";

// An adversary on the wire: changes any message, by bytes or by parts. It has no keys.

const header = bstrOf(
  map({
    alg: [1, int(-0x1_0000_0000, 0xffff_ffff)],
    kid: [4, optional(bytes(0, 32))],
    typ: [16, uint()],
  }),
);
const item = raw(2000, 12);
const envelope = map({
  kcwt: [13, optional(item)],
  chain: [-65_537, optional(array(item, { max: 3 }))],
});
/** A COSE_Sign1 as loose as an adversary may want it. */
const loose = tuple(header, envelope, bytes(0, 3000), bytes(0, 100));
type Loose = Infer<typeof loose>;

type Change = (random: Random, message: Loose, other: Loose) => Loose;

const ALGORITHMS = [-7, -8, -35, -37, -257, 0, 5, -0x1_0000_0000, 0xffff_ffff];

/** CBOR items that are no certificates; the last ones are not deterministic, or too deep. */
const JUNK = [
  "00",
  "80",
  "a0",
  "f5",
  "6161",
  "84430010a0a041005840",
  "a201020102",
  "a2020101f4",
  "f6",
  "fb3ff0000000000000",
  "c100",
  "1800",
  "62c328",
  "8181818181818180",
  "818181818181818180",
  "81818181818181818180",
].map(fromHex);

const changes: readonly Change[] = [
  (random, [head, ...rest]) => [{ ...head, alg: random.pick(ALGORITHMS) }, ...rest],
  (random, [head, ...rest]) => {
    const typ = random.pick([
      head.typ + 1,
      head.typ - 1,
      65_000 + random.below(21),
      0,
      64_999,
      65_536,
    ]);
    return [{ ...head, typ }, ...rest];
  },
  (random, [{ kid: _kid, ...head }, ...rest]) =>
    random.chance(0.5) ? [head, ...rest] : [{ ...head, kid: random.bytes(8) }, ...rest],
  (random, [head, ...rest]) => [{ ...head, kid: random.bytes(random.pick([0, 7, 9])) }, ...rest],
  (_, [, ...rest], [head]) => [head, ...rest],
  (_, [head, parts, , signature], [, , payload]) => [head, parts, payload, signature],
  (random, [head, parts, payload, signature]) => [head, parts, flip(random, payload), signature],
  (_, [head, parts, payload], [, , , signature]) => [head, parts, payload, signature],
  (_, [head, parts, payload, signature]) => [head, parts, payload, otherHalf(signature)],
  (random, [head, parts, payload, signature]) => [head, parts, payload, flip(random, signature)],
  (random, [head, parts, payload]) => [
    head,
    parts,
    payload,
    random.pick([new Uint8Array(64), new Uint8Array(64).fill(255), new Uint8Array(63)]),
  ],
  (_, [head, , ...rest]) => [head, {}, ...rest],
  (_, [head, , ...rest], [, parts]) => [head, parts, ...rest],
  (_, [head, { kcwt: _kcwt, ...parts }, ...rest]) => [head, parts, ...rest],
  (_, [head, { chain: _chain, ...parts }, ...rest]) => [head, parts, ...rest],
  (random, [head, parts, ...rest]) => [head, { ...parts, kcwt: random.pick(JUNK) }, ...rest],
  (random, [head, parts, ...rest]) => {
    const { chain = [JUNK[0]!, JUNK[1]!], kcwt } = parts;
    const odd = random.pick([
      [...chain].reverse(),
      chain.slice(1),
      [...chain, chain[0]!],
      [random.pick(JUNK), ...chain.slice(1)],
      [...chain.slice(0, 1), random.pick(JUNK)],
      [kcwt ?? JUNK[2]!, ...chain.slice(1)],
    ]);
    return [head, { ...parts, chain: odd.slice(0, 3) }, ...rest];
  },
  // A certificate of certificates, and one that is nearly a certificate.
  (random, [head, parts, ...rest]) =>
    parts.kcwt === undefined
      ? [head, parts, ...rest]
      : [head, { ...parts, kcwt: tamper(random, parts.kcwt, parts.kcwt) }, ...rest],
  (random, [head, parts, ...rest]) => {
    const chain = parts.chain?.map((it) => (random.chance(0.5) ? tamper(random, it, it) : it));
    return [head, chain === undefined ? parts : { ...parts, chain }, ...rest];
  },
];

/** The message with one change in it; `other` lends its parts. */
export function tamper(random: Random, message: Uint8Array, other: Uint8Array): Uint8Array {
  const parsed = decode(loose, message);
  if (!parsed.ok || random.chance(0.25)) return damage(random, message);
  const lender = decode(loose, other);
  const change = random.pick(changes);
  const changed = change(random, parsed.value, lender.ok ? lender.value : parsed.value);
  return encodeLoosely(changed);
}

/** One fault on the wire. */
export function damage(random: Random, message: Uint8Array): Uint8Array {
  const at = random.below(Math.max(message.length, 1));
  switch (random.below(7)) {
    case 0:
      return message.slice(0, at);
    case 1:
      return concatBytes(message, random.bytes(random.between(1, 3)));
    case 2:
      return concatBytes(message.slice(0, at), random.bytes(1), message.slice(at));
    case 3:
      return concatBytes(message.slice(0, at), message.slice(at + 1));
    case 4:
      return lengthen(message, at);
    case 5:
      return Uint8Array.from(message, (byte, i) => (i === at ? random.below(256) : byte));
    default:
      return flip(random, message);
  }
}

function flip(random: Random, message: Uint8Array): Uint8Array {
  const changed = Uint8Array.from(message);
  const at = random.below(Math.max(message.length, 1));
  if (at < changed.length) changed[at]! ^= 1 << random.below(8);
  return changed;
}

/** A head in a longer form than it needs (RFC 8949 §4.2.1 forbids it). */
function lengthen(message: Uint8Array, at: number): Uint8Array {
  const byte = message[at] ?? 0;
  const info = byte & 31;
  if (info >= 24) return message.slice(0, at);
  const head = Uint8Array.of((byte & 0xe0) | 24, info);
  return concatBytes(message.slice(0, at), head, message.slice(at + 1));
}

function encodeLoosely(message: Loose): Uint8Array {
  const [head, parts, payload, signature] = message;
  const encoded = [
    encode(header, head),
    encodeEnvelope(parts),
    encode(bytes(0, 3000), payload),
    encode(bytes(0, 100), signature),
  ];
  return concatBytes(Uint8Array.of(0x84), ...encoded);
}

/** By hand, because the attached items need not be deterministic. */
function encodeEnvelope({ kcwt, chain }: Loose[1]): Uint8Array {
  const count = Number(kcwt !== undefined) + Number(chain !== undefined);
  const encoded: Uint8Array[] = [Uint8Array.of(0xa0 | count)];
  if (kcwt !== undefined) encoded.push(Uint8Array.of(0x0d), kcwt);
  if (chain !== undefined) {
    encoded.push(fromHex("3a00010000"), Uint8Array.of(0x80 | chain.length), ...chain);
  }
  return concatBytes(...encoded);
}
