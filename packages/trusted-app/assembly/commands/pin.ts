import { copy, equalInConstantTime, zero } from "../bytes";
import { lastLength, readArray, readBytes, readU64 } from "../cbor/reader";
import { outputNothing, outputNumber } from "../output";
import { MAX_PIN_TRIES, Phase, T } from "../state/state";
import { Status } from "../status";
import { digest, random } from "../tee";
import { checkInput } from "./input";

/** §13.4: "a try is counted before it is compared, in two commands, so that cutting the power can never give a free one". */

const MIN_PIN: u32 = 4;
const MAX_PIN: u32 = 12;
const SALT_SIZE: u32 = 16;
const DIGEST_SIZE: u32 = 32;
const SALTED = memory.data(28);
const DIGEST = memory.data(32);

/** PinBegin: a try is spent, and committed. */
export function pinBegin(): Status {
  readArray(0);
  const refused = checkInput(Phase.Active);
  if (refused != Status.Ok) return refused;
  // "a PIN is set (pin-not-set)"
  if (!T.pinSet) return Status.PinNotSet;
  // "tries > 0 (pin-locked)"
  if (T.pinTries == 0) return Status.PinLocked;

  // "tries - 1, pending = true; what an earlier PIN allowed ends: fresh = false, allowance = 0"
  T.pinTries -= 1;
  T.pinPending = true;
  T.pinFresh = false;
  T.pinAllowance = 0;
  outputNumber(T.pinTries);
  return Status.Ok;
}

/** PinVerify: the try that was spent. */
export function pinVerify(): Status {
  readArray(2);
  const pin = readBytes(MIN_PIN, MAX_PIN);
  const length = lastLength();
  const allowance = readU64();
  const refused = checkInput(Phase.Active);
  if (refused != Status.Ok) return refused;
  // "pending (pin-not-begun)"
  if (!T.pinPending) return Status.PinNotBegun;

  T.pinPending = false;
  digestPin(pin, length);
  // "the state with pending = false is committed and the status is pin-wrong"
  if (!equalInConstantTime(DIGEST, T.pinDigest, DIGEST_SIZE)) return Status.PinWrong;
  // "tries = 5, fresh = true, allowance = the input's, noPinSpent = 0"
  T.pinTries = MAX_PIN_TRIES;
  T.pinFresh = true;
  T.pinAllowance = allowance;
  T.noPinSpent = 0;
  outputNothing();
  return Status.Ok;
}

/**
 * SetPin: the first PIN, while there is nothing to protect; or another one by whoever has just entered the old one, or whom
 * the provider unlocked. "Whoever finds a funded device cannot choose its first PIN."
 */
export function setPin(): Status {
  readArray(1);
  const pin = readBytes(MIN_PIN, MAX_PIN);
  const length = lastLength();
  const refused = checkInput(Phase.Active);
  if (refused != Status.Ok) return refused;
  // "fresh, or no PIN set and balance 0 (pin-required)"
  if (!T.pinFresh && (T.pinSet || T.balance != 0)) return Status.PinRequired;

  // "New 16-byte random salt; set; tries = 5; fresh = false; pending = false."
  random(T.pinSalt, SALT_SIZE);
  digestPin(pin, length);
  copy(T.pinDigest, DIGEST, DIGEST_SIZE);
  T.pinSet = true;
  T.pinTries = MAX_PIN_TRIES;
  T.pinFresh = false;
  T.pinPending = false;
  outputNothing();
  return Status.Ok;
}

/**
 * What the provider unlocks: "the PIN is cleared (pinSet, pinSalt, pinDigest, pinPending, pinAllowance are zero, noPinSpent
 * stays) and fresh = true, so that a new one can be set, tries restored".
 */
export function clearPin(): void {
  T.pinSet = false;
  zero(T.pinSalt, SALT_SIZE);
  zero(T.pinDigest, DIGEST_SIZE);
  T.pinPending = false;
  T.pinFresh = true;
  T.pinAllowance = 0;
  T.pinTries = MAX_PIN_TRIES;
}

/** `SHA-256(salt || pin)`; the PIN does not stay in memory. */
function digestPin(pin: usize, length: u32): void {
  copy(SALTED, T.pinSalt, SALT_SIZE);
  copy(SALTED + SALT_SIZE, pin, length);
  digest(SALTED, SALT_SIZE + length, DIGEST);
  zero(SALTED, SALT_SIZE + MAX_PIN);
}
