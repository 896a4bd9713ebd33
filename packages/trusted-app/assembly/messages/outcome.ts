import {
  readAmount,
  readFixed,
  readKey,
  readMap,
  readU32,
  readUint,
  require,
} from "../cbor/reader";
import { writeBytes, writeMap, writeUint } from "../cbor/writer";
import { ID_SIZE } from "../cose/key";
import { closeMessage, message, openMessage } from "../cose/message";
import { endPayload, startPayload } from "../cose/outgoing";
import { Typ } from "../cose/typ";
import { Outcome, OutcomeKind } from "../state/outcomes";
import { Status } from "../status";

/** An outcome (docs/protocol.md §9) of another TA or of a provider, as received. */
@unmanaged
class ReceivedOutcome {
  kind: i32;
  r: u32;
  sender: usize;
  index: u32;
  amount: u64;
  receiver: usize;

  get byProvider(): bool {
    return this.kind == OutcomeKind.Claimed || this.kind == OutcomeKind.NeverSettled;
  }
}

export const outcome = changetype<ReceivedOutcome>(memory.data(offsetof<ReceivedOutcome>(), 8));

/** Reads an outcome of one of these kinds; any other is `malformed`. */
export function readOutcome(at: usize, length: u32, first: i32, last: i32): Status {
  const opened = openMessage(message, at, length, Typ.Outcome);
  if (opened != Status.Ok) return opened;
  const entries = readMap(3, 5);
  readKey(1);
  outcome.kind = <i32>readUint(first, last);
  require(entries == (outcome.kind == OutcomeKind.Void ? 3 : 5));
  if (!outcome.byProvider) {
    readKey(2);
    outcome.r = readU32();
  }
  if (outcome.kind != OutcomeKind.Void) {
    readKey(3);
    outcome.sender = readFixed(ID_SIZE);
    readKey(4);
    outcome.index = readU32();
  }
  readKey(5);
  outcome.amount = readAmount();
  if (outcome.byProvider) {
    readKey(6);
    outcome.receiver = readFixed(ID_SIZE);
  }
  return closeMessage(message, outcome.byProvider);
}

export function writeOutcome(ended: Outcome): void {
  const collected = ended.kind == OutcomeKind.Collected;
  startPayload();
  writeMap(collected ? 5 : 3);
  writeUint(1);
  writeUint(ended.kind);
  writeUint(2);
  writeUint(ended.r);
  if (collected) {
    writeUint(3);
    writeBytes(ended.sender, ID_SIZE);
    writeUint(4);
    writeUint(ended.index);
  }
  writeUint(5);
  writeUint(ended.amount);
  endPayload(Typ.Outcome);
}
