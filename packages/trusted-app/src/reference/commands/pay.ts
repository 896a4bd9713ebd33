import {
  ok,
  outcome,
  payment,
  paymentRequest,
  toHex,
  type Parsed,
  type Outcome,
  type PayeeId,
  type Result,
} from "@bezant/protocol";
import type { TaRefusal } from "../../commands.ts";
import type { TeeInternalApi } from "../../internal-api.ts";
import {
  concerned,
  earlierPayment,
  pay,
  release,
  settle,
  type Notice,
  type PaymentOrder,
} from "../../outcomes/index.ts";
import {
  partyId,
  readCertificate,
  verifies,
  verifyPeer,
  walletIdOf,
  type Seen,
} from "../certificates.ts";
import { read, verifyAnyProvider } from "../incoming.ts";
import { advance } from "../log.ts";
import { ownContext, paymentMessage, paymentPayload } from "../outgoing.ts";
import { done, refuse, type Handler, type Refused } from "../reply.ts";
import { isCovered, standing, type Counterparty } from "../standing.ts";
import type { TaState } from "../state.ts";

// The payer's side of Figure 7: Pay, Settle, Release.

export const payRequest: Handler<"Pay"> = (api, state, { request, hint, status }) => {
  const now = Math.max(state.time, hint);
  if (now > state.exp) return refuse("expired");
  const asked = readRequest(api, state, request, now);
  if (!asked.ok) return asked;
  const { order, expires, payee } = asked.value;
  const earlier = earlierPayment(state, order);
  if (!earlier.ok) return earlier;
  if (earlier.value !== undefined) return done(state, paymentMessage(state, earlier.value));

  if (expires !== undefined && now > expires) return refuse("request-expired");
  const found = standing(api, state, payee, status);
  if (!found.ok) return found;
  if (found.value === "revoked") return refuse("payee-revoked");
  const isUnchecked = found.value === "unknown";
  if (isUnchecked && !isCovered(state, order.amount)) return refuse("payee-unchecked");
  const refused = permit(state, order.amount);
  if (refused !== undefined) return refuse(refused);
  const paid = pay(state, order, (unsigned) => {
    const context = ownContext(state, unsigned.payee as PayeeId);
    return toHex(api.sign(payment.toBeSigned(paymentPayload(unsigned), context)));
  });
  if (!paid.ok) return paid;
  const { purse, value, events } = paid.value;
  const spent = spend(purse, order.amount, isUnchecked);
  return done({ ...spent, head: advance(api, state.head, events) }, paymentMessage(state, value));
};

interface AskedPayment {
  readonly order: PaymentOrder;
  readonly expires: number | undefined;
  readonly payee: Counterparty;
}

/** A request that its payee signed, a payee that the central bank's chain vouches for. */
function readRequest(
  api: TeeInternalApi,
  state: TaState,
  encoded: Uint8Array,
  now: number,
): Result<AskedPayment, TaRefusal> {
  const parsed = read(paymentRequest, encoded);
  if (!parsed.ok) return parsed;
  const { payload, chain } = parsed.value;
  const seen = readAttached(api, parsed.value);
  if (!seen.ok) return seen;
  const { claims } = seen.value;
  if (claims.role !== "ta" && claims.role !== "wallet") return refuse("wrong-role");
  const { currency } = state;
  if (claims.currency !== currency) return refuse("wrong-currency");
  const payee = partyId(api, seen.value);
  if (payee === state.id) return refuse("self-payment");
  const leaf = { seen: seen.value, roles: ["ta", "wallet"] } as const;
  const issuer = verifyPeer(api, state, leaf, { chain, now, grace: 0 });
  if (!issuer.ok) return issuer;
  const context = { currency, home: claims.iss, signer: payee as PayeeId, audience: "" } as const;
  if (!verifies(api, paymentRequest.signatureCheck(parsed.value, context, claims.key))) {
    return refuse("bad-signature");
  }
  const { amount, r, challenge, expires } = payload;
  const order = { amount, payee, payeeClass: claims.role, r, challenge: toHex(challenge) };
  const party = { seen: seen.value, issuer: issuer.value, now, grace: 0 };
  return ok({ order: { ...order, time: state.time }, expires, payee: party });
}

/** What the limits and the PIN have to say. */
function permit(state: TaState, amount: bigint): TaRefusal | undefined {
  const { limits, windowCount, windowValue, balance, pinAllowance, noPinSpent } = state;
  if (amount > limits.maxPayment) return "limit-payment";
  if (windowCount + 1 > limits.maxCount) return "limit-count";
  if (windowValue + amount > limits.maxValue) return "limit-value";
  if (amount > balance) return "insufficient-balance";
  const isPermitted = amount <= pinAllowance || noPinSpent + amount <= limits.noPinCap;
  return isPermitted ? undefined : "pin-required";
}

function spend(state: TaState, amount: bigint, isUnchecked: boolean): TaState {
  const { pinAllowance, noPinSpent, windowCount, windowValue, uncheckedValue } = state;
  const isAllowed = amount <= pinAllowance;
  return {
    ...state,
    windowCount: windowCount + 1,
    windowValue: windowValue + amount,
    pinAllowance: isAllowed ? 0n : pinAllowance,
    noPinSpent: isAllowed ? noPinSpent : noPinSpent + amount,
    pinFresh: false,
    uncheckedValue: isUnchecked ? uncheckedValue + amount : uncheckedValue,
  };
}

export const settlePayment: Handler<"Settle"> = (api, state, input) => {
  const parsed = read(outcome, input.outcome);
  if (!parsed.ok) return parsed;
  const notice = readNotice(api, state, parsed.value);
  if (!notice.ok) return notice;
  const settled = settle(state, notice.value);
  return settled.ok ? done(settled.value.purse, {}) : settled;
};

function readNotice(
  api: TeeInternalApi,
  state: TaState,
  parsed: Parsed<Outcome>,
): Result<Notice, TaRefusal> {
  const { payload } = parsed;
  // A wallet's word that it has the payment disposes of nothing.
  if (payload.kind === "received") return refuse("malformed");
  if (payload.kind === "claimed" || payload.kind === "never-settled") {
    const { kind, receiver, amount, sender, j } = payload;
    const refused = verifyDisposal(api, state, parsed, receiver);
    return refused ?? ok({ kind, payee: receiver, amount, sender, index: j });
  }
  const seen = readAttached(api, parsed);
  if (!seen.ok) return seen;
  const payee = seen.value.thumbprint;
  const { r, amount } = payload;
  const notice: Notice =
    payload.kind === "void"
      ? { kind: "void", payee, r, amount }
      : { kind: "collected", payee, r, amount, sender: payload.sender, index: payload.j };
  if (concerned(state, notice).length === 0) return refuse("unknown-payment");
  return verifyPayee(api, state, parsed, seen.value, payee) ?? ok(notice);
}

/** Only the receiver's own provider disposes of a payment to a wallet; another one than ours has to show that it is. */
function verifyDisposal(
  api: TeeInternalApi,
  state: TaState,
  parsed: Parsed<Outcome>,
  receiver: PayeeId,
): Refused | undefined {
  const provider = verifyAnyProvider(api, state, outcome, parsed);
  if (!provider.ok) return provider;
  if (provider.value === state.home) return undefined;
  const seen = readAttached(api, parsed);
  if (!seen.ok) return seen;
  const client = walletIdOf(api, provider.value, seen.value.thumbprint);
  return client === receiver ? undefined : refuse("not-home");
}

function readAttached(
  api: TeeInternalApi,
  { certificate }: Parsed<unknown>,
): Result<Seen, TaRefusal> {
  return certificate === undefined
    ? refuse("missing-certificate")
    : readCertificate(api, certificate);
}

/** The payee's own signature; neither its role nor its chain matters, as the payment names its key. */
function verifyPayee(
  api: TeeInternalApi,
  { currency }: TaState,
  parsed: Parsed<Outcome>,
  { claims }: Seen,
  signer: string,
): Refused | undefined {
  const { iss, key } = claims;
  const context = { currency, home: iss, signer: signer as PayeeId, audience: "" } as const;
  const check = outcome.signatureCheck(parsed, context, key);
  return verifies(api, check) ? undefined : refuse("bad-signature");
}

export const releasePayment: Handler<"Release"> = (api, state, input) => {
  const parsed = read(outcome, input.outcome);
  if (!parsed.ok) return parsed;
  const { payload } = parsed.value;
  if (payload.kind !== "received") return refuse("malformed");
  const seen = readAttached(api, parsed.value);
  if (!seen.ok) return seen;
  const payee = walletIdOf(api, seen.value.claims.iss, seen.value.thumbprint);
  const { r, amount, sender, j: index } = payload;
  const released = release(state, { payee, r, amount, sender, index });
  if (!released.ok) return released;
  return verifyPayee(api, state, parsed.value, seen.value, payee) ?? done(released.value, {});
};
