import { copy } from "../bytes";
import { ID_SIZE } from "../cose/key";
import { removeEntry } from "./list";
import { Request } from "./requests";
import { OUTCOMES, OUTCOMES_COUNT } from "./state";

/** The ring of the last outcomes: how each request of this TA ended, oldest first. */

const CAPACITY: u32 = 16;
const SIZE: u32 = 56;

export const enum OutcomeKind {
  Collected = 0,
  Void = 1,
  Claimed = 2,
  NeverSettled = 3,
  Received = 4,
}

@unmanaged
export class Outcome {
  r: u32;
  /** Collected or void. */
  kind: i32;
  amount: u64;

  /** Zeros in a void. */
  get sender(): usize {
    return changetype<usize>(this) + 16;
  }

  /** The sender's index, 0 in a void. */
  get index(): u32 {
    return load<u32>(changetype<usize>(this), 48);
  }

  set index(value: u32) {
    store<u32>(changetype<usize>(this), value, 48);
  }
}

/** Keeps how a request ended as void; the oldest outcome makes room. */
export function addVoid(request: Request): Outcome {
  const outcome = addOutcome(request);
  outcome.kind = OutcomeKind.Void;
  return outcome;
}

/** Keeps how a request ended as collected. */
export function addCollected(request: Request, sender: usize, index: u32): Outcome {
  const outcome = addOutcome(request);
  outcome.kind = OutcomeKind.Collected;
  copy(outcome.sender, sender, ID_SIZE);
  outcome.index = index;
  return outcome;
}

/** The index of the outcome of request r, or -1. */
export function findOutcome(r: u32): i32 {
  const count = outcomesCount();
  for (let i: u32 = 0; i < count; i++) {
    if (outcomeAt(i).r == r) return i;
  }
  return -1;
}

export function outcomeAt(index: u32): Outcome {
  return changetype<Outcome>(OUTCOMES + index * SIZE);
}

function outcomesCount(): u32 {
  return load<u8>(OUTCOMES_COUNT);
}

function addOutcome(request: Request): Outcome {
  if (outcomesCount() == CAPACITY) removeEntry(OUTCOMES, OUTCOMES_COUNT, SIZE, 0);
  const count = outcomesCount();
  store<u8>(OUTCOMES_COUNT, <u8>(count + 1));
  const outcome = outcomeAt(count);
  outcome.r = request.r;
  outcome.amount = request.amount;
  return outcome;
}
