import { removeEntry } from "./list";
import { PAYMENTS, PAYMENTS_COUNT } from "./state";

/** The outbox: payments that are not settled, oldest first, with their signatures. */

const CAPACITY: u32 = 16;
const SIZE: u32 = 128;

/** The receiver's class, which P signs. */
export const enum PayeeClass {
  Ta = 0,
  Wallet = 1,
}

@unmanaged
export class Payment {
  j: u32;
  r: u32;
  amount: u64;

  get payee(): usize {
    return changetype<usize>(this) + 16;
  }

  get challenge(): usize {
    return changetype<usize>(this) + 48;
  }

  get time(): u32 {
    return load<u32>(changetype<usize>(this), 56);
  }

  set time(value: u32) {
    store<u32>(changetype<usize>(this), value, 56);
  }

  get payeeClass(): u32 {
    return load<u8>(changetype<usize>(this), 60);
  }

  set payeeClass(value: u32) {
    store<u8>(changetype<usize>(this), <u8>value, 60);
  }

  get signature(): usize {
    return changetype<usize>(this) + 64;
  }
}

export function paymentsCount(): u32 {
  return load<u8>(PAYMENTS_COUNT);
}

export function paymentAt(index: u32): Payment {
  return changetype<Payment>(PAYMENTS + index * SIZE);
}

export function paymentsFull(): bool {
  return paymentsCount() == CAPACITY;
}

/** The next free place; the caller has asked whether there is one. */
export function addPayment(): Payment {
  const count = paymentsCount();
  if (count >= CAPACITY) unreachable();
  store<u8>(PAYMENTS_COUNT, <u8>(count + 1));
  return paymentAt(count);
}

/** The index of payment j, or -1. */
export function findPayment(j: u32): i32 {
  const count = paymentsCount();
  for (let i: u32 = 0; i < count; i++) {
    if (paymentAt(i).j == j) return i;
  }
  return -1;
}

export function removePayment(index: u32): void {
  removeEntry(PAYMENTS, PAYMENTS_COUNT, SIZE, index);
}

/** Drops those up to j, which the provider has stored. */
export function dropPayments(j: u32): void {
  while (paymentsCount() > 0 && paymentAt(0).j <= j) removePayment(0);
}
