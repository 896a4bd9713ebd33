import { add, isOver } from "../arithmetic";
import { removeEntry } from "./list";
import { REQUESTS, REQUESTS_COUNT, T } from "./state";

/** Open requests, oldest first. Each holds headroom under the holding limit until it ends. */

const CAPACITY: u32 = 8;
const SIZE: u32 = 24;

@unmanaged
export class Request {
  r: u32;
  /** 0: never. */
  expires: u32;
  amount: u64;

  get challenge(): usize {
    return changetype<usize>(this) + 16;
  }
}

export function requestsCount(): u32 {
  return load<u8>(REQUESTS_COUNT);
}

export function requestAt(index: u32): Request {
  return changetype<Request>(REQUESTS + index * SIZE);
}

export function requestsFull(): bool {
  return requestsCount() == CAPACITY;
}

/** The next free place; the caller has asked whether there is one. */
export function addRequest(): Request {
  const count = requestsCount();
  if (count >= CAPACITY) unreachable();
  store<u8>(REQUESTS_COUNT, <u8>(count + 1));
  return requestAt(count);
}

/** The index of open request r, or -1. */
export function findRequest(r: u32): i32 {
  const count = requestsCount();
  for (let i: u32 = 0; i < count; i++) {
    if (requestAt(i).r == r) return i;
  }
  return -1;
}

export function removeRequest(index: u32): void {
  removeEntry(REQUESTS, REQUESTS_COUNT, SIZE, index);
}

/** `Σ requests.amount`: each request was within the holding limit together with those before it. */
export function requested(): u64 {
  let sum: u64 = 0;
  const count = requestsCount();
  for (let i: u32 = 0; i < count; i++) sum = add(sum, requestAt(i).amount);
  return sum;
}

/**
 * Whether x more are over the maximum holding, when so much is reserved for a deposit: "headroom used is balance +
 * Σ requests.amount + reserved".
 */
export function isOverHolding(reserved: u64, x: u64): bool {
  const held = requested();
  if (isOver(T.balance, held, T.maxHolding)) return true;
  return isOver(reserved, x, T.maxHolding - T.balance - held);
}
