import { seconds, syncRequest, unwrap } from "@bezant/protocol";
import { limitsOf, START } from "../../test/world/institutions.ts";
import { signRequest, signSync, type SyncAnswer } from "../../test/world/signed.ts";
import type { Active, Cast } from "./cast.ts";
import type { Trace } from "./recorder.ts";

const PIN = Uint8Array.of(1, 2, 3, 4);
const WRONG = Uint8Array.of(1, 2, 3, 5);

/** Its home's answer to a sync request of this instance. */
export function answered(
  { home }: Cast,
  it: Active,
  nonce: Uint8Array,
  changes: Partial<SyncAnswer> = {},
) {
  const terms = { nonce, limits: limitsOf(), time: START, w: 0, stored: 0, ...changes };
  return { response: signSync(home, it.id, terms) };
}

export function asked(it: Active): Uint8Array {
  return unwrap(syncRequest.parse(it.ok("it asks for a sync", "SyncRequest", {}))).payload.nonce;
}

/** What a sync brings, and the limits that it sets. */
export function limits(cast: Cast): Trace {
  const it = cast.active(limitsOf({ version: 2 }));
  cast.fund(it, 1000n);
  const payee = cast.ta();
  const request = signRequest(payee, { x: 10n, r: 1, challenge: new Uint8Array(8) });
  const pay = { request, hint: seconds(0) };
  const none = answered(cast, it, new Uint8Array(16));
  it.refused("sync-not-pending", "an answer to nothing", "Sync", none);
  const nonce = asked(it);
  const at = (changes: Partial<SyncAnswer>) => answered(cast, it, nonce, changes);
  it.refused(
    "sync-not-pending",
    "to another request",
    "Sync",
    answered(cast, it, new Uint8Array(16)),
  );
  it.refused("ack-ahead", "more withdrawals than there were", "Sync", at({ w: 1 }));
  it.refused("ack-ahead", "more payments than there were", "Sync", at({ stored: 1 }));
  it.refused("stale-limits", "earlier limits", "Sync", at({}));
  const other = at({ limits: limitsOf({ version: 2, profile: 2 }) });
  it.refused("wrong-limits", "of another profile", "Sync", other);
  const sets = (name: string, given: Parameters<typeof limitsOf>[0]): void => {
    const own = answered(cast, it, asked(it), { limits: limitsOf({ version: 2, ...given }) });
    it.ok(name, "Sync", own);
  };
  sets("from now on 9 for one payment", { maxPayment: 9n });
  it.refused("limit-payment", "10 for one payment", "Pay", pay);
  sets("no payments at all", { maxCount: 0 });
  it.refused("limit-count", "one payment", "Pay", pay);
  sets("9 until the next sync", { maxValue: 9n });
  it.refused("limit-value", "10 until the next sync", "Pay", pay);
  sets("9 without a PIN", { noPinCap: 9n });
  it.refused("pin-required", "10 without a PIN", "Pay", pay);
  sets("9 to whom nothing vouches for", { uncheckedCap: 9n });
  it.refused("payee-unchecked", "10 to whom nothing vouches for", "Pay", pay);
  sets("enough of everything, and a later time", {});
  it.ok("10 are paid", "Pay", pay);
  it.ok("what it is now", "GetInfo", {});
  return it.trace("syncs and limits", "13.2");
}

/** A PIN, and what it allows. */
export function pin(cast: Cast): Trace {
  const it = cast.active(limitsOf({ noPinCap: 10n }));
  const payee = cast.ta();
  let r = 0;
  const payOf = (x: bigint) => {
    r += 1;
    const request = signRequest(payee, { x, r, challenge: new Uint8Array(8) });
    return { request, hint: seconds(0) };
  };
  const entered = (digits: Uint8Array, allowance = 0n) =>
    ({ pin: digits, allowance }) as unknown as { pin: Uint8Array; allowance: never };
  it.refused("pin-not-set", "there is none", "PinBegin", {});
  it.refused("pin-not-begun", "no try was begun", "PinVerify", entered(PIN));
  it.raw("malformed", "a PIN of three bytes", 21, Uint8Array.of(0x81, 0x43, 1, 2, 3));
  it.ok("the first PIN", "SetPin", { pin: PIN });
  cast.fund(it, 1000n);
  it.ok("10 go without it", "Pay", payOf(10n));
  it.refused("pin-required", "11 do not", "Pay", payOf(1n));
  it.ok("a try begins", "PinBegin", {});
  it.refused("pin-wrong", "it is wrong", "PinVerify", entered(WRONG));
  it.refused("pin-not-begun", "that try is used up", "PinVerify", entered(PIN));
  it.ok("another try", "PinBegin", {});
  it.ok("it is right, and allows 50 at once", "PinVerify", entered(PIN, 50n));
  it.ok("50 are paid", "Pay", payOf(50n));
  it.refused("pin-required", "the allowance is used up", "Pay", payOf(11n));
  it.refused("pin-required", "nobody changes it who has not entered it", "SetPin", { pin: WRONG });
  for (let left = 4; left >= 0; left -= 1) {
    it.ok(`a try begins, ${left} are left`, "PinBegin", {});
    it.refused("pin-wrong", "it is wrong", "PinVerify", entered(WRONG));
  }
  it.refused("pin-locked", "no try is left", "PinBegin", {});
  const unlocked = answered(cast, it, asked(it), {
    unlockPin: true,
    limits: limitsOf({ noPinCap: 10n }),
  });
  it.ok("its provider unlocks it", "Sync", unlocked);
  it.ok("a new PIN", "SetPin", { pin: WRONG });
  it.ok("what it is now", "GetInfo", {});
  return it.trace("a PIN", "13.4");
}
