import { ARRAY, readHead, readKey, readMap, readU32, readUint, require } from "../cbor/reader";
import { closeMessage, Message, openMessage } from "../cose/message";
import { Typ } from "../cose/typ";
import { Status } from "../status";

const MAX_REVOKED: u64 = 180;

/** A chunk of a provider's status list (docs/protocol.md §18), as received, and what it says of one index. */
@unmanaged
class StatusChunk extends Message {
  epoch: u32;
  issuedAt: u32;
  covers: bool;
  isNamed: bool;
}

export const statusChunk = changetype<StatusChunk>(memory.data(offsetof<StatusChunk>(), 8));

export function readStatusChunk(at: usize, length: u32, index: u32): Status {
  const opened = openMessage(statusChunk, at, length, Typ.StatusChunk);
  if (opened != Status.Ok) return opened;
  readMap(5, 5);
  readKey(1);
  statusChunk.epoch = <u32>readUint(1, u32.MAX_VALUE);
  readKey(2);
  statusChunk.issuedAt = readU32();
  readKey(3);
  const first = readU32();
  readKey(4);
  const last = readU32();
  // "first <= last, and all of it lies within (malformed)"
  require(first <= last);
  statusChunk.covers = first <= index && index <= last;
  readKey(5);
  readRevoked(first, last, index);
  return closeMessage(statusChunk, true);
}

/** "The first gap is the first revoked index minus first, each later one the index minus the one before, minus 1." */
function readRevoked(first: u32, last: u32, index: u32): void {
  const count = readHead(ARRAY);
  require(count <= MAX_REVOKED);
  statusChunk.isNamed = false;
  let next: u64 = first;
  for (let i: u64 = 0; i < count; i++) {
    const revoked = next + readU32();
    require(revoked <= last);
    if (revoked == index) statusChunk.isNamed = true;
    next = revoked + 1;
  }
}
