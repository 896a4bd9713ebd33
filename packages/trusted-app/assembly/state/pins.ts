import { copy, equal, zero } from "../bytes";
import { KEY_ID_SIZE } from "../cose/key";
import { EPOCHS, EPOCHS_COUNT, HOME_CAPACITY, REVOKED_KEYS, REVOKED_KEYS_COUNT } from "./state";

/**
 * What the last sync has said about institutions: from which epoch on a status list of each provider counts, and whose keys
 * are revoked since when. An entry is 8 bytes that name, and a number.
 */

export const MAX_PINS: u32 = 8;
const SIZE: u32 = 12;
const NAME = memory.data(8);

/** Both lists are what one sync response says; the earlier one no longer counts. */
export function clearPins(): void {
  zero(EPOCHS, MAX_PINS * SIZE);
  zero(REVOKED_KEYS, MAX_PINS * SIZE);
  store<u8>(EPOCHS_COUNT, 0);
  store<u8>(REVOKED_KEYS_COUNT, 0);
}

export function addEpoch(name: usize, length: u32, epoch: u32): void {
  add(EPOCHS, EPOCHS_COUNT, name, length, epoch);
}

export function addRevokedKey(kid: usize, since: u32): void {
  add(REVOKED_KEYS, REVOKED_KEYS_COUNT, kid, KEY_ID_SIZE, since);
}

/** The epoch known of this provider; 0 if none is. */
export function epochOf(name: usize, length: u32): u32 {
  zero(NAME, HOME_CAPACITY);
  copy(NAME, name, length);
  const pin = find(EPOCHS, EPOCHS_COUNT, NAME);
  return pin == 0 ? 0 : load<u32>(pin, 8);
}

/** Whether what this key signed at this time is not believed any more. */
export function isRevokedKey(kid: usize, signedAt: u64): bool {
  const pin = find(REVOKED_KEYS, REVOKED_KEYS_COUNT, kid);
  return pin != 0 && signedAt > <u64>load<u32>(pin, 8);
}

/** The first entry of this name; 0 if there is none. */
function find(entries: usize, countAt: usize, name: usize): usize {
  const count = load<u8>(countAt);
  for (let i: u32 = 0; i < count; i++) {
    if (equal(entries + i * SIZE, name, HOME_CAPACITY)) return entries + i * SIZE;
  }
  return 0;
}

function add(entries: usize, countAt: usize, name: usize, length: u32, value: u32): void {
  const count = load<u8>(countAt);
  if (count >= MAX_PINS) unreachable();
  const pin = entries + <u32>count * SIZE;
  copy(pin, name, length);
  store<u32>(pin, value, 8);
  store<u8>(countAt, count + 1);
}
