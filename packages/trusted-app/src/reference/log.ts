import {
  concatBytes,
  encode,
  fromHex,
  hex,
  literal,
  toHex,
  tuple,
  uint,
  uint64,
} from "@bezant/protocol";
import type { TeeInternalApi } from "../internal-api.ts";
import type { PurseEvent } from "../outcomes/index.ts";

const deposit = tuple(literal(0), uint(), uint64(), hex(32));
const withdrawal = tuple(literal(1), uint(), uint64());
const payment = tuple(literal(2), uint(), uint64(), hex(32));
const collection = tuple(literal(3), uint(), uint64(), hex(32), uint());
const voided = tuple(literal(4), uint(), uint64());

/** The head of the log after these events: `SHA-256(head || event)` for each (docs/protocol.md §13.1). */
export function advance(api: TeeInternalApi, head: string, events: readonly PurseEvent[]): string {
  return events.reduce(
    (last, event) => toHex(api.digest(concatBytes(fromHex(last), encodeEvent(event)))),
    head,
  );
}

function encodeEvent(event: PurseEvent): Uint8Array {
  const { amount } = event;
  switch (event.event) {
    case "deposit":
      return encode(deposit, [0, event.d, amount, event.digest]);
    case "withdrawal":
      return encode(withdrawal, [1, event.w, amount]);
    case "payment":
      return encode(payment, [2, event.j, amount, event.payee]);
    case "collection":
      return encode(collection, [3, event.r, amount, event.sender, event.index]);
    case "void":
      return encode(voided, [4, event.r, amount]);
  }
}
