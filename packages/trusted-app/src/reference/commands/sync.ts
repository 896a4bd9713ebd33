import {
  amount,
  counter,
  fromHex,
  seconds,
  syncRequest,
  syncResponse,
  toHex,
  type SyncResponse,
} from "@bezant/protocol";
import { acknowledge } from "../../outcomes/index.ts";
import { read, verifyHome } from "../incoming.ts";
import { signForHome } from "../outgoing.ts";
import { done, refuse, type Handler } from "../reply.ts";
import { MAX_PIN_TRIES, type TaState } from "../state.ts";

// docs/protocol.md §12: SyncRequest, Sync.

const NONCE_SIZE = 16;
const NO_NONCE = "00".repeat(NONCE_SIZE);
/** A provider's clock moves the TA's by at most 366 days a sync. */
const MAX_TIME_STEP = 31_622_400;

export const requestSync: Handler<"SyncRequest"> = (api, state) => {
  const nonce = api.random(NONCE_SIZE);
  const { deposited, withdrawn, paid, collected, requests, windowCount, windowValue } = state;
  const reserved = requests.reduce((sum, request) => sum + request.amount, state.reserved);
  const message = signForHome(api, state, syncRequest, {
    nonce,
    balance: amount(state.balance),
    d: counter(state.d),
    depositDigest: fromHex(state.depositDigest),
    w: counter(state.w),
    j: counter(state.j),
    nextR: counter(state.r + 1),
    windowCount,
    windowValue: amount(windowValue),
    totals: [amount(deposited), amount(withdrawn), amount(paid), amount(collected)],
    head: fromHex(state.head),
    time: seconds(state.time),
    reserved: amount(reserved),
    openRequests: requests.length,
  });
  const snapshot = {
    syncCount: windowCount,
    syncValue: windowValue,
    syncUnchecked: state.uncheckedValue,
  };
  return done({ ...state, syncNonce: toHex(nonce), ...snapshot }, message);
};

export const sync: Handler<"Sync"> = (api, state, { response }) => {
  const parsed = read(syncResponse, response);
  if (!parsed.ok) return parsed;
  const refused = verifyHome(api, state, syncResponse, parsed.value);
  if (refused !== undefined) return refused;
  const { nonce, limits, w, stored, unlockPin } = parsed.value.payload;
  if (state.syncNonce === NO_NONCE || toHex(nonce) !== state.syncNonce) {
    return refuse("sync-not-pending");
  }
  if (w > state.w || stored > state.j) return refuse("ack-ahead");
  if (limits.version < state.limits.version) return refuse("stale-limits");
  if (limits.profile !== state.limits.profile) return refuse("wrong-limits");
  const applied = apply(state, parsed.value.payload);
  return done(unlockPin ? unlock(applied) : applied, {});
};

function apply(state: TaState, response: SyncResponse): TaState {
  const { limits, time, w, stored, epochs, revokedKeys } = response;
  return {
    ...acknowledge(state, stored),
    withdrawals: state.withdrawals.filter((withdrawal) => withdrawal.w > w),
    // Payments made since the request was signed still count.
    windowCount: state.windowCount - state.syncCount,
    windowValue: state.windowValue - state.syncValue,
    uncheckedValue: state.uncheckedValue - state.syncUnchecked,
    limits,
    time: Math.max(state.time, Math.min(time, state.time + MAX_TIME_STEP)),
    syncNonce: NO_NONCE,
    syncCount: 0,
    syncValue: 0n,
    syncUnchecked: 0n,
    epochs: epochs.map(([issuer, epoch]) => ({ issuer, epoch })),
    revokedKeys: revokedKeys.map(([kid, since]) => ({ kid, since })),
  };
}

function unlock(state: TaState): TaState {
  return {
    ...state,
    pinSet: false,
    pinSalt: "00".repeat(16),
    pinDigest: "00".repeat(32),
    pinPending: false,
    // So that the owner can set a new one, whatever the balance is.
    pinFresh: true,
    pinAllowance: 0n,
    pinTries: MAX_PIN_TRIES,
  };
}
