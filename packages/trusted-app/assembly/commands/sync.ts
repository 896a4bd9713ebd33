import { add } from "../arithmetic";
import { equal, isZero, zero } from "../bytes";
import {
  ARRAY,
  hasFailed,
  lastLength,
  position,
  readArray,
  readBool,
  readBytes,
  readFixed,
  readHead,
  readKey,
  readMap,
  readU32,
  readUint,
  require,
  startReading,
} from "../cbor/reader";
import { readInstitution } from "../cbor/text";
import { writeArray, writeBytes, writeMap, writeUint } from "../cbor/writer";
import { verifySignedByHome } from "../certificate/provider-signed";
import { KEY_ID_SIZE } from "../cose/key";
import { closeMessage, MAX_MESSAGE, message, openMessage } from "../cose/message";
import { endPayload, outputMessage, signForHome, startPayload } from "../cose/outgoing";
import { Typ } from "../cose/typ";
import { adoptLimits, limits, readLimits } from "../messages/limits";
import { outputNothing } from "../output";
import { dropPayments } from "../state/payments";
import { addEpoch, addRevokedKey, clearPins, MAX_PINS } from "../state/pins";
import { requested, requestsCount } from "../state/requests";
import { Phase, T } from "../state/state";
import { dropWithdrawals } from "../state/withdrawals";
import { Status } from "../status";
import { random } from "../tee";
import { checkInput } from "./input";
import { clearPin } from "./pin";

const NONCE_SIZE: u32 = 16;
const DIGEST_SIZE: u32 = 32;
/** 366 days in seconds: how far one sync may move the time. */
const MAX_STEP: u64 = 31_622_400;

/** The sync response's fields, as received; its limits are in `limits`. */
let nonce: usize = 0;
let time: u32 = 0;
let w: u32 = 0;
let stored: u32 = 0;
let unlockPin: bool = false;
let epochs: usize = 0;
let revokedKeys: usize = 0;

/** SyncRequest: the TA's account of itself, under a nonce that its answer must bring back. */
export function syncRequest(): Status {
  readArray(0);
  const refused = checkInput(Phase.Active);
  if (refused != Status.Ok) return refused;

  random(T.syncNonce, NONCE_SIZE);
  T.syncCount = T.windowCount;
  T.syncValue = T.windowValue;
  T.syncUnchecked = T.uncheckedValue;
  writeSyncRequest();
  outputMessage(signForHome(Typ.SyncRequest));
  return Status.Ok;
}

/** Sync: the home provider's answer. It "subtracts the snapshot, it never resets to zero". */
export function sync(): Status {
  readArray(1);
  const at = readBytes(0, MAX_MESSAGE);
  const length = lastLength();
  const refused = checkInput(Phase.Active);
  if (refused != Status.Ok) return refused;
  const read = readSyncResponse(at, length);
  if (read != Status.Ok) return read;
  // "provider-signed"
  const signed = verifySignedByHome();
  if (signed != Status.Ok) return signed;
  // "a nonce is pending and equal (sync-not-pending)"
  if (isZero(T.syncNonce, NONCE_SIZE) || !equal(nonce, T.syncNonce, NONCE_SIZE))
    return Status.SyncNotPending;
  // "s.w <= w (ack-ahead); s.stored <= j (ack-ahead)"
  if (w > T.w || stored > T.j) return Status.AckAhead;
  // "limits version not lower (stale-limits)"
  if (limits.version < T.limitsVersion) return Status.StaleLimits;
  // "profile id that of the certificate (wrong-limits)"
  if (limits.profile != T.profile) return Status.WrongLimits;

  // "windowCount, windowValue and uncheckedValue minus the snapshot": they only grew since it was taken.
  T.windowCount -= T.syncCount;
  T.windowValue -= T.syncValue;
  T.uncheckedValue -= T.syncUnchecked;
  adoptLimits();
  // "drop withdrawals up to w and payments up to stored"
  dropWithdrawals(w);
  dropPayments(stored);
  // "time = max(time, min(s.time, time + 31,622,400))"
  T.time = max(T.time, <u32>min<u64>(time, <u64>T.time + MAX_STEP));
  if (unlockPin) clearPin();
  adoptPins();
  // "nonce and snapshot become zero"
  zero(T.syncNonce, NONCE_SIZE);
  T.syncCount = 0;
  T.syncValue = 0;
  T.syncUnchecked = 0;
  outputNothing();
  return Status.Ok;
}

/** `sync-response` of docs/protocol.md §12 */
function readSyncResponse(at: usize, length: u32): Status {
  const opened = openMessage(message, at, length, Typ.SyncResponse);
  if (opened != Status.Ok) return opened;
  readMap(8, 8);
  readKey(1);
  nonce = readFixed(NONCE_SIZE);
  readKey(2);
  readLimits();
  readKey(3);
  time = readU32();
  readKey(4);
  w = readU32();
  readKey(5);
  stored = readU32();
  readKey(6);
  unlockPin = readBool();
  readKey(7);
  epochs = readPins(true, false);
  readKey(8);
  revokedKeys = readPins(false, false);
  return closeMessage(message, true);
}

/**
 * A list of pins, `[ 0*8 [institution-id, epoch] ]` or `[ 0*8 [key-id, seconds] ]`; they go into the state if the response is
 * adopted. Gives where it begins.
 */
function readPins(named: bool, adopt: bool): usize {
  const start = position();
  const count = readHead(ARRAY);
  require(count <= MAX_PINS);
  for (let i: u64 = 0; i < count && !hasFailed(); i++) {
    readArray(2);
    const name = named ? readInstitution() : readFixed(KEY_ID_SIZE);
    const length = lastLength();
    const value = <u32>readUint(named ? 1 : 0, u32.MAX_VALUE);
    if (!adopt) continue;
    if (named) addEpoch(name, length, value);
    else addRevokedKey(name, value);
  }
  return start;
}

/** "The pins become the response's": the ones before no longer count. */
function adoptPins(): void {
  clearPins();
  startReading(epochs, <u32>(message.payload + message.payloadLength - epochs));
  readPins(true, true);
  startReading(revokedKeys, <u32>(message.payload + message.payloadLength - revokedKeys));
  readPins(false, true);
}

/** `sync-request` of docs/protocol.md §12 */
function writeSyncRequest(): void {
  startPayload();
  writeMap(14);
  writeUint(1);
  writeBytes(T.syncNonce, NONCE_SIZE);
  writeUint(2);
  writeUint(T.balance);
  writeUint(3);
  writeUint(T.d);
  writeUint(4);
  writeBytes(T.depositDigest, DIGEST_SIZE);
  writeUint(5);
  writeUint(T.w);
  writeUint(6);
  writeUint(T.j);
  writeUint(7);
  writeUint(<u64>T.r + 1);
  writeUint(8);
  writeUint(T.windowCount);
  writeUint(9);
  writeUint(T.windowValue);
  writeUint(10);
  writeArray(4);
  writeUint(T.deposited);
  writeUint(T.withdrawn);
  writeUint(T.paid);
  writeUint(T.collected);
  writeUint(11);
  writeBytes(T.head, DIGEST_SIZE);
  writeUint(12);
  writeUint(T.time);
  writeUint(13);
  writeUint(add(requested(), T.reserved));
  writeUint(14);
  writeUint(requestsCount());
  endPayload(Typ.SyncRequest);
}
