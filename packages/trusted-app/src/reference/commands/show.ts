import { amount, counter, seconds, signedBalance } from "@bezant/protocol";
import { recall } from "../../outcomes/index.ts";
import {
  outcomeMessage,
  paymentMessage,
  requestMessage,
  signForHome,
  withdrawalMessage,
} from "../outgoing.ts";
import { done, refuse, type Handler } from "../reply.ts";

// What changes nothing: Resend, GetBalance, GetInfo.

export const resend: Handler<"Resend"> = (api, state, { kind, n }) => {
  switch (kind) {
    case "payment": {
      const payment = state.payments.find(({ j }) => j === n);
      if (payment === undefined) return refuse("unknown-payment");
      return done(state, paymentMessage(state, payment));
    }
    case "withdrawal": {
      const withdrawal = state.withdrawals.find(({ w }) => w === n);
      if (withdrawal === undefined) return refuse("unknown-withdrawal");
      return done(state, withdrawalMessage(withdrawal));
    }
    case "outcome": {
      const outcome = recall(state, n);
      if (outcome === undefined) return refuse("unknown-request");
      return done(state, outcomeMessage(api, state, outcome));
    }
    case "request": {
      const request = state.requests.find(({ r }) => r === n);
      if (request === undefined) return refuse("unknown-request");
      return done(state, requestMessage(api, state, request));
    }
  }
};

export const getBalance: Handler<"GetBalance"> = (api, state, { nonce }) => {
  const message = signForHome(api, state, signedBalance, {
    nonce,
    balance: amount(state.balance),
    d: counter(state.d),
    w: counter(state.w),
    j: counter(state.j),
  });
  return done(state, message);
};

export const getInfo: Handler<"GetInfo"> = (_, state) => {
  const { phase, id, home, currency, serial, pinTries, pinSet } = state;
  return done(state, {
    phase,
    id: phase === "blank" ? "" : id,
    home,
    currency,
    exp: seconds(state.exp),
    serial,
    balance: amount(state.balance),
    reserved: amount(state.reserved),
    d: counter(state.d),
    w: counter(state.w),
    j: counter(state.j),
    r: counter(state.r),
    unsettled: state.payments.map(({ j }) => counter(j)),
    unacknowledged: state.withdrawals.map(({ w }) => counter(w)),
    open: state.requests.map(({ r }) => counter(r)),
    time: seconds(state.time),
    pinTries,
    pinSet,
  });
};
