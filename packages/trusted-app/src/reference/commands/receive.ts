import { payment, toHex } from "@bezant/protocol";
import { cancelRequest, collect, openRequest } from "../../outcomes/index.ts";
import { readCertificate, verifies, verifyPeer } from "../certificates.ts";
import { advance } from "../log.ts";
import { read } from "../incoming.ts";
import { outcomeMessage, requestMessage } from "../outgoing.ts";
import { done, refuse, type Handler } from "../reply.ts";
import { isCovered, standing } from "../standing.ts";

// The payee's side of Figure 7: RequestPayment, CancelRequest, Collect.

/** Seconds for which a payment of an expired sender is still taken (§8.2). */
const GRACE = 30 * 24 * 60 * 60;
const CHALLENGE_SIZE = 8;

export const requestPayment: Handler<"RequestPayment"> = (api, state, input) => {
  const opened = openRequest(state, input, () => toHex(api.random(CHALLENGE_SIZE)));
  if (!opened.ok) return opened;
  const { purse, value, events } = opened.value;
  const message = requestMessage(api, state, value);
  return done({ ...purse, head: advance(api, state.head, events) }, message);
};

export const cancel: Handler<"CancelRequest"> = (api, state, { r }) => {
  const cancelled = cancelRequest(state, r);
  if (!cancelled.ok) return cancelled;
  const { purse, value, events } = cancelled.value;
  const message = outcomeMessage(api, state, value);
  return done({ ...purse, head: advance(api, state.head, events) }, message);
};

export const collectPayment: Handler<"Collect"> = (api, state, input) => {
  const parsed = read(payment, input.payment);
  if (!parsed.ok) return parsed;
  const { payload, certificate, chain } = parsed.value;
  if (certificate === undefined) return refuse("missing-certificate");
  if (payload.type !== "basic") return refuse("unsupported-payment-type");
  if (payload.receiverClass !== "ta" || payload.receiver !== state.id) {
    return refuse("wrong-audience");
  }
  const seen = readCertificate(api, certificate);
  if (!seen.ok) return seen;
  const { claims } = seen.value;
  if (claims.role !== "ta") return refuse("wrong-role");
  if (claims.currency !== state.currency) return refuse("wrong-currency");
  const leaf = { seen: seen.value, roles: ["ta"] } as const;
  const at = { now: state.time, grace: GRACE };
  const issuer = verifyPeer(api, state, leaf, { chain, ...at });
  if (!issuer.ok) return issuer;

  const sender = seen.value.thumbprint as typeof state.id;
  const { currency } = state;
  const context = { currency, home: claims.iss, signer: sender, audience: state.id };
  if (!verifies(api, payment.signatureCheck(parsed.value, context, claims.key))) {
    return refuse("bad-signature");
  }
  const { r, challenge, amount, j } = payload;
  const incoming = { r, challenge: toHex(challenge), amount, sender, index: j };
  const collected = collect(state, incoming);
  if (!collected.ok) return collected;
  const { purse, value, events } = collected.value;
  const isRepeat = events.length === 0;
  if (isRepeat) return done(state, outcomeMessage(api, state, value));

  const payer = { seen: seen.value, issuer: issuer.value, ...at };
  const found = standing(api, state, payer, input.status);
  if (!found.ok) return found;
  if (found.value === "revoked") return refuse("payer-revoked");
  const isUnchecked = found.value === "unknown";
  if (isUnchecked && !isCovered(state, amount)) return refuse("payer-unchecked");
  const uncheckedValue = state.uncheckedValue + (isUnchecked ? amount : 0n);
  const message = outcomeMessage(api, state, value);
  return done({ ...purse, uncheckedValue, head: advance(api, state.head, events) }, message);
};
