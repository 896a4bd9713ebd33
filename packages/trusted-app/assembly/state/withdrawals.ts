import { removeEntry } from "./list";
import { WITHDRAWALS, WITHDRAWALS_COUNT } from "./state";

/** Withdrawals that the provider has not acknowledged, oldest first, with their signatures. */

const CAPACITY: u32 = 4;
const SIZE: u32 = 80;

@unmanaged
export class Withdrawal {
  w: u32;
  amount: u64;

  get signature(): usize {
    return changetype<usize>(this) + 16;
  }
}

export function withdrawalsCount(): u32 {
  return load<u8>(WITHDRAWALS_COUNT);
}

export function withdrawalAt(index: u32): Withdrawal {
  return changetype<Withdrawal>(WITHDRAWALS + index * SIZE);
}

export function withdrawalsFull(): bool {
  return withdrawalsCount() == CAPACITY;
}

/** The next free place; the caller has asked whether there is one. */
export function addWithdrawal(): Withdrawal {
  const count = withdrawalsCount();
  if (count >= CAPACITY) unreachable();
  store<u8>(WITHDRAWALS_COUNT, <u8>(count + 1));
  return withdrawalAt(count);
}

/** The index of withdrawal w, or -1. */
export function findWithdrawal(w: u32): i32 {
  const count = withdrawalsCount();
  for (let i: u32 = 0; i < count; i++) {
    if (withdrawalAt(i).w == w) return i;
  }
  return -1;
}

/** Drops those up to w: acknowledgements are cumulative. */
export function dropWithdrawals(w: u32): void {
  while (withdrawalsCount() > 0 && withdrawalAt(0).w <= w) {
    removeEntry(WITHDRAWALS, WITHDRAWALS_COUNT, SIZE, 0);
  }
}
