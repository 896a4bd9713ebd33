import { bytes, concatBytes, encode, uint, uint64 } from "@bezant/protocol";
import { encodeInput, type CommandName, type Input } from "../../src/commands.ts";
import type { Random } from "../world/random.ts";

const MESSAGES: readonly CommandName[] = [
  "CertInit",
  "Renew",
  "Deposit",
  "AckWithdraw",
  "Pay",
  "Collect",
  "Settle",
  "Sync",
];

/** The input with one of its messages changed, whatever comes out; of a command without messages, the input as it is. */
export function encodeLoosely<N extends CommandName>(
  name: N,
  input: Input<N>,
  random: Random,
  change: (message: Uint8Array) => Uint8Array,
): Uint8Array {
  if (!MESSAGES.includes(name)) return encodeInput(name, input);
  const values = Object.values(input as Record<string, unknown>);
  const target = random.below(countMessages(values));
  let at = -1;
  const visit = (value: unknown): Uint8Array => {
    if (typeof value === "number") return encode(uint(), value);
    if (typeof value === "bigint") return encode(uint64(), value);
    if (Array.isArray(value)) return list((value as unknown[]).map(visit));
    at += 1;
    const message = value as Uint8Array;
    return encode(bytes(0, 0xffff), at === target ? change(message) : message);
  };
  return list(values.map(visit));
}

function countMessages(values: readonly unknown[]): number {
  return values.flat().filter((value) => value instanceof Uint8Array).length;
}

function list(items: readonly Uint8Array[]): Uint8Array {
  return concatBytes(Uint8Array.of(0x80 | items.length), ...items);
}
