import {
  amount,
  counter,
  fromHex,
  outcome,
  payment,
  paymentRequest,
  seconds,
  withdrawal,
  type Context,
  type Message,
  type Outcome as OutcomePayload,
  type PayeeId,
  type Payment as PaymentPayload,
  type PaymentRequest,
  type TaId,
} from "@bezant/protocol";
import type { TeeInternalApi } from "../internal-api.ts";
import type { OpenRequest, Outcome, Payment } from "../outcomes/index.ts";
import type { PendingWithdrawal, TaState } from "./state.ts";

/** What this TA's signature binds beside the payload. */
export function ownContext(state: TaState, audience: Context["audience"]): Context {
  return { currency: state.currency, home: state.home, signer: state.id, audience };
}

/** Signs what only the home provider may rely on. */
export function signForHome<P>(
  api: TeeInternalApi,
  state: TaState,
  message: Message<P>,
  payload: P,
): Uint8Array {
  const signature = api.sign(message.toBeSigned(payload, ownContext(state, state.home)));
  return message.assemble(payload, signature);
}

/** Signs what anybody may rely on; T.cert goes with it. */
function signForAll<P>(
  api: TeeInternalApi,
  state: TaState,
  message: Message<P>,
  payload: P,
): Uint8Array {
  const signature = api.sign(message.toBeSigned(payload, ownContext(state, "")));
  return message.assemble(payload, signature, { certificate: state.cert });
}

export function requestMessage(
  api: TeeInternalApi,
  state: TaState,
  request: OpenRequest,
): Uint8Array {
  const { r, challenge, expires } = request;
  const payload: PaymentRequest = {
    amount: amount(request.amount),
    r: counter(r),
    challenge: fromHex(challenge),
    ...(expires === 0 ? {} : { expires: seconds(expires) }),
  };
  return signForAll(api, state, paymentRequest, payload);
}

export function outcomeMessage(api: TeeInternalApi, state: TaState, ended: Outcome): Uint8Array {
  const common = { r: counter(ended.r), amount: amount(ended.amount) };
  const payload: OutcomePayload =
    ended.kind === "void"
      ? { kind: "void", ...common }
      : { kind: "collected", ...common, sender: ended.sender as TaId, j: counter(ended.index) };
  return signForAll(api, state, outcome, payload);
}

export function paymentPayload(paid: Omit<Payment, "signature">): PaymentPayload {
  return {
    amount: amount(paid.amount),
    receiver: paid.payee as PayeeId,
    receiverClass: paid.payeeClass,
    j: counter(paid.j),
    r: counter(paid.r),
    challenge: fromHex(paid.challenge),
    time: seconds(paid.time),
    type: "basic",
  };
}

/** The same bytes that were signed, every time; only T.cert beside them may be a newer one. */
export function paymentMessage(state: TaState, paid: Payment): Uint8Array {
  const attachments = { certificate: state.cert };
  return payment.assemble(paymentPayload(paid), fromHex(paid.signature), attachments);
}

export function withdrawalMessage({ w, amount: value, signature }: PendingWithdrawal): Uint8Array {
  return withdrawal.assemble({ amount: amount(value), w: counter(w) }, fromHex(signature));
}
