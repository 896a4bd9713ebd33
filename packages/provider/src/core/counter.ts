import { counter, type Counter } from "@bezant/protocol";

/** A number of ours as the protocol's counter; what does not fit is a bug and throws. */
export function counterOf(value: number | bigint): Counter {
  return counter(Number(value));
}
