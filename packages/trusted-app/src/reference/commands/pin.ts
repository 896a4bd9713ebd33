import { concatBytes, fromHex, ok, toHex } from "@bezant/protocol";
import type { TeeInternalApi } from "../../internal-api.ts";
import { done, refuse, type Handler } from "../reply.ts";
import { MAX_PIN_TRIES } from "../state.ts";

// docs/protocol.md §13.4: PinBegin, PinVerify, SetPin.

const SALT_SIZE = 16;

export const beginPin: Handler<"PinBegin"> = (_, state) => {
  if (!state.pinSet) return refuse("pin-not-set");
  if (state.pinTries === 0) return refuse("pin-locked");
  const tries = state.pinTries - 1;
  // What an earlier PIN allowed ends when another one is asked for.
  const begun = { ...state, pinTries: tries, pinPending: true, pinFresh: false, pinAllowance: 0n };
  return done(begun, { tries });
};

export const verifyPin: Handler<"PinVerify"> = (api, state, { pin, allowance }) => {
  if (!state.pinPending) return refuse("pin-not-begun");
  const tried = { ...state, pinPending: false };
  if (digestOf(api, fromHex(state.pinSalt), pin) !== state.pinDigest) {
    return ok({ state: tried, refusal: "pin-wrong" });
  }
  const verified = {
    ...tried,
    pinTries: MAX_PIN_TRIES,
    pinFresh: true,
    pinAllowance: allowance,
    noPinSpent: 0n,
  };
  return done(verified, {});
};

export const setPin: Handler<"SetPin"> = (api, state, { pin }) => {
  // Whoever finds a funded device cannot choose its first PIN.
  const isFirst = !state.pinSet && state.balance === 0n;
  if (!state.pinFresh && !isFirst) return refuse("pin-required");
  const salt = api.random(SALT_SIZE);
  const set = {
    ...state,
    pinSet: true,
    pinSalt: toHex(salt),
    pinDigest: digestOf(api, salt, pin),
    pinTries: MAX_PIN_TRIES,
    pinFresh: false,
    pinPending: false,
  };
  return done(set, {});
};

function digestOf(api: TeeInternalApi, salt: Uint8Array, pin: Uint8Array): string {
  return toHex(api.digest(concatBytes(salt, pin)));
}
