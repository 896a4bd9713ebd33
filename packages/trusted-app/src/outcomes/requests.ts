import { err, ok, type Result } from "@bezant/protocol";
import {
  hasHeadroom,
  isU64,
  MAX_OUTCOMES,
  MAX_REQUESTS,
  MAX_U32,
  type Id,
  type OpenRequest,
  type Outcome,
  type Purse,
  type PurseEvent,
  type Step,
} from "./purse.ts";

// The payee's side: a request is opened once and ends exactly once, as collected or as void.

export interface RequestOrder {
  readonly amount: bigint;
  /** Last second at which it may be paid; 0 for none. */
  readonly expires: number;
  /** The open request that this one takes the place of; 0 for none. */
  readonly replaces: number;
}

/**
 * Opens request r + 1, and first ends as void the one it replaces.
 *
 * @param freshChallenge is called once, when nothing can refuse any more
 */
export function openRequest<S extends Purse>(
  before: S,
  order: RequestOrder,
  freshChallenge: () => string,
): Result<
  Step<S, OpenRequest>,
  "unknown-request" | "requests-full" | "limit-holding" | "counter-exhausted"
> {
  const { amount, expires, replaces } = order;
  let purse = before;
  const events: PurseEvent[] = [];
  if (replaces !== 0) {
    const replaced = find(purse, replaces);
    if (replaced === undefined) return err("unknown-request");
    purse = end(purse, voidOf(replaced));
    events.push({ event: "void", r: replaced.r, amount: replaced.amount });
  }
  if (purse.requests.length === MAX_REQUESTS) return err("requests-full");
  if (!hasHeadroom(purse, amount)) return err("limit-holding");
  // The number after this one must still fit: a sync request states it.
  if (purse.r >= MAX_U32 - 1) return err("counter-exhausted");
  const request = { r: purse.r + 1, amount, challenge: freshChallenge(), expires };
  purse = { ...purse, r: request.r, requests: [...purse.requests, request] };
  return ok({ purse, value: request, events });
}

/** Ends an open request as void. From then on no payment for it can be collected. */
export function cancelRequest<S extends Purse>(
  purse: S,
  r: number,
): Result<Step<S, Outcome>, "request-void" | "request-collected" | "unknown-request"> {
  const request = find(purse, r);
  if (request === undefined) return err(refusalOfEnded(recall(purse, r)));
  const { amount } = request;
  const outcome = voidOf(request);
  return ok({
    purse: end(purse, outcome),
    value: outcome,
    events: [{ event: "void", r, amount }],
  });
}

/** What of a verified payment to this TA decides whether it is collected. */
export interface IncomingPayment {
  readonly r: number;
  readonly challenge: string;
  readonly amount: bigint;
  readonly sender: Id;
  readonly index: number;
}

/**
 * Credits a payment and ends its request as collected. The payment that already ended it gives the same outcome again
 * and moves nothing.
 */
export function collect<S extends Purse>(
  purse: S,
  payment: IncomingPayment,
): Result<
  Step<S, Outcome>,
  "request-mismatch" | "overflow" | "request-void" | "request-collected" | "unknown-request"
> {
  const { r, challenge, amount, sender, index } = payment;
  const request = find(purse, r);
  if (request === undefined) {
    const outcome = recall(purse, r);
    const isRepeat =
      outcome?.kind === "collected" && outcome.sender === sender && outcome.index === index;
    return isRepeat ? ok({ purse, value: outcome, events: [] }) : err(refusalOfEnded(outcome));
  }
  if (request.challenge !== challenge || request.amount !== amount) return err("request-mismatch");
  const balance = purse.balance + amount;
  const collected = purse.collected + amount;
  if (!isU64(balance) || !isU64(collected)) return err("overflow");
  const outcome: Outcome = { kind: "collected", r, amount, sender, index };
  return ok({
    purse: end({ ...purse, balance, collected }, outcome),
    value: outcome,
    events: [{ event: "collection", r, amount, sender, index }],
  });
}

/** How request r ended, if it did so recently enough to be remembered. */
export function recall(purse: Purse, r: number): Outcome | undefined {
  return purse.outcomes.find((outcome) => outcome.r === r);
}

function find(purse: Purse, r: number): OpenRequest | undefined {
  return purse.requests.find((request) => request.r === r);
}

function voidOf({ r, amount }: OpenRequest): Outcome {
  return { kind: "void", r, amount };
}

/** Requests leave here and nowhere else. */
function end<S extends Purse>(purse: S, outcome: Outcome): S {
  return {
    ...purse,
    requests: purse.requests.filter(({ r }) => r !== outcome.r),
    outcomes: [...purse.outcomes, outcome].slice(-MAX_OUTCOMES),
  };
}

function refusalOfEnded(
  outcome: Outcome | undefined,
): "request-void" | "request-collected" | "unknown-request" {
  if (outcome === undefined) return "unknown-request";
  return outcome.kind === "void" ? "request-void" : "request-collected";
}
