import { amount, counter, depositConfirmation, depositReservation, toHex } from "@bezant/protocol";
import { confirm, hasHeadroom, MAX_U32 } from "../../outcomes/index.ts";
import { advance } from "../log.ts";
import { read, verifyHome } from "../incoming.ts";
import { signForHome } from "../outgoing.ts";
import { done, refuse, type Handler } from "../reply.ts";

// Figure 5, online to offline: ReserveDeposit, Deposit.

export const reserveDeposit: Handler<"ReserveDeposit"> = (api, state, input) => {
  const reserved = state.reserved > input.amount ? state.reserved : input.amount;
  if (!hasHeadroom(state, 0n, reserved)) return refuse("limit-holding");
  if (state.d === MAX_U32) return refuse("counter-exhausted");
  const message = signForHome(api, state, depositReservation, {
    amount: input.amount,
    d: counter(state.d + 1),
  });
  return done({ ...state, reserved }, message);
};

export const deposit: Handler<"Deposit"> = (api, state, input) => {
  const parsed = read(depositConfirmation, input.confirmation);
  if (!parsed.ok) return parsed;
  const refused = verifyHome(api, state, depositConfirmation, parsed.value);
  if (refused !== undefined) return refused;
  const { payload, payloadBytes } = parsed.value;
  const confirmed = confirm(state, {
    d: payload.d,
    amount: payload.amount,
    digest: toHex(api.digest(payloadBytes)),
    ...(payload.j === undefined ? {} : { refundOf: payload.j }),
  });
  if (!confirmed.ok) return confirmed;
  const { purse, value, events } = confirmed.value;
  const head = advance(api, state.head, events);
  return done({ ...purse, head }, { balance: amount(value) });
};
