import { array, concatBytes, decode, equalBytes, raw } from "@bezant/protocol";
import { MAX_OUTPUT } from "../client/teec.ts";

const answer = array(raw(MAX_OUTPUT), { max: 64 });

/** phase, id, home, currency, exp, serial, balance, reserved, d, w, j, r (protocol document §13.2, `GetInfo`). */
const COMPARED = 12;

/** Whether two answers to `GetInfo`, maybe of two versions, begin with the same identity, balance and sequences. */
export function sameIdentityAndMoney(before: Uint8Array, after: Uint8Array): boolean {
  const [old, next] = [beginning(before), beginning(after)];
  return old !== undefined && next !== undefined && equalBytes(old, next);
}

function beginning(output: Uint8Array): Uint8Array | undefined {
  const items = decode(answer, output);
  if (!items.ok || items.value.length < COMPARED) return undefined;
  return concatBytes(...items.value.slice(0, COMPARED));
}
