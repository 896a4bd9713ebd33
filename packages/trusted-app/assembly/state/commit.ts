import { zero } from "../bytes";
import { readState, stageState } from "../tee";
import { paymentAt, paymentsCount } from "./payments";
import { MAX_PIN_TRIES, STATE, STATE_SIZE, T } from "./state";

/** How the state comes from the trusted OS and goes back to it. */

const VERSION: u8 = 1;

/** The state as it was committed last. */
const COMMITTED = memory.data(4336, 8);

/** Brings the committed state here. A state that this version did not write is a fault of the trusted OS, and traps. */
export function loadState(): void {
  zero(STATE, STATE_SIZE);
  const length = readState(STATE, STATE_SIZE);
  if (length == 0) {
    store<u8>(STATE, VERSION);
  } else if (load<u8>(STATE) != VERSION || length != sizeInUse()) {
    unreachable();
  }
  copyWords(COMMITTED, STATE);
}

/** Hands the new state to the trusted OS, if it is new. Books that do not balance are a bug, and trap. */
export function stageChanges(): void {
  if (T.balance != T.deposited + T.collected - T.withdrawn - T.paid) unreachable();
  if (!equalWords(COMMITTED, STATE)) stageState(STATE, sizeInUse());
}

/** The state as it is stored ends behind the last payment: the outbox is its largest part, and mostly almost empty. */
function sizeInUse(): u32 {
  return <u32>(changetype<usize>(paymentAt(paymentsCount())) - STATE);
}

/** A new instance: everything zero, and all tries for a PIN. */
export function resetState(): void {
  zero(STATE, STATE_SIZE);
  store<u8>(STATE, VERSION);
  T.pinTries = MAX_PIN_TRIES;
}

function copyWords(to: usize, from: usize): void {
  for (let i: u32 = 0; i < STATE_SIZE; i += 8) store<u64>(to + i, load<u64>(from + i));
}

function equalWords(a: usize, b: usize): bool {
  for (let i: u32 = 0; i < STATE_SIZE; i += 8) {
    if (load<u64>(a + i) != load<u64>(b + i)) return false;
  }
  return true;
}
