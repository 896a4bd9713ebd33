import { counter, toHex, withdrawal, withdrawalAcknowledgement } from "@bezant/protocol";
import { isU64, MAX_U32 } from "../../outcomes/index.ts";
import { advance } from "../log.ts";
import { read, verifyHome } from "../incoming.ts";
import { ownContext, withdrawalMessage } from "../outgoing.ts";
import { done, refuse, type Handler } from "../reply.ts";
import { MAX_WITHDRAWALS } from "../state.ts";

// Figure 6, offline to online: Withdraw, AckWithdraw.

export const withdraw: Handler<"Withdraw"> = (api, state, { amount }) => {
  if (amount > state.balance) return refuse("insufficient-balance");
  if (state.withdrawals.length === MAX_WITHDRAWALS) return refuse("outbox-full");
  if (state.w === MAX_U32) return refuse("counter-exhausted");
  const withdrawn = state.withdrawn + amount;
  if (!isU64(withdrawn)) return refuse("overflow");
  const w = counter(state.w + 1);
  const payload = { amount, w };
  const signature = api.sign(withdrawal.toBeSigned(payload, ownContext(state, state.home)));
  const kept = { w, amount, signature: toHex(signature) };
  const after = {
    ...state,
    balance: state.balance - amount,
    withdrawn,
    w,
    withdrawals: [...state.withdrawals, kept],
    head: advance(api, state.head, [{ event: "withdrawal", w, amount }]),
  };
  return done(after, withdrawalMessage(kept));
};

export const ackWithdraw: Handler<"AckWithdraw"> = (api, state, { acknowledgement }) => {
  const parsed = read(withdrawalAcknowledgement, acknowledgement);
  if (!parsed.ok) return parsed;
  const refused = verifyHome(api, state, withdrawalAcknowledgement, parsed.value);
  if (refused !== undefined) return refused;
  const acknowledged = parsed.value.payload.w;
  if (acknowledged > state.w) return refuse("ack-ahead");
  const withdrawals = state.withdrawals.filter(({ w }) => w > acknowledged);
  return done({ ...state, withdrawals }, { w: counter(state.w) });
};
