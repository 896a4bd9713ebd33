import { readAmount, readArray, readU32 } from "../cbor/reader";
import { outputWithCertificate, signForAnybody } from "../cose/outgoing";
import { Typ } from "../cose/typ";
import { writeOutcome } from "../messages/outcome";
import { CHALLENGE_SIZE, writePaymentRequest } from "../messages/payment-request";
import { recordOutcome } from "../state/events";
import { addVoid, findOutcome, Outcome, outcomeAt, OutcomeKind } from "../state/outcomes";
import {
  addRequest,
  findRequest,
  isOverHolding,
  removeRequest,
  requestAt,
  requestsFull,
} from "../state/requests";
import { Phase, T } from "../state/state";
import { Status } from "../status";
import { random } from "../tee";
import { checkInput } from "./input";

/** The sync request tells the next r, which must fit. */
const LAST_REQUEST: u32 = u32.MAX_VALUE - 1;

/** RequestPayment: Figure 7, and headroom for what it asks. */
export function requestPayment(): Status {
  readArray(3);
  const x = readAmount();
  const expires = readU32();
  const replaces = readU32();
  const refused = checkInput(Phase.Active);
  if (refused != Status.Ok) return refused;
  // "if replaces ≠ 0 it is an open request (unknown-request), and is ended as void first"
  if (replaces != 0) {
    const replaced = findRequest(replaces);
    if (replaced < 0) return Status.UnknownRequest;
    endAsVoid(replaced);
  }
  // "a place in requests is free (requests-full)"
  if (requestsFull()) return Status.RequestsFull;
  // "headroom used + x <= maximum holding (limit-holding)"
  if (isOverHolding(T.reserved, x)) return Status.LimitHolding;
  // "r < 2^32 - 2 (counter-exhausted)"
  if (T.r >= LAST_REQUEST) return Status.CounterExhausted;

  // "r + 1, 8 random bytes as challenge, keep, sign."
  T.r += 1;
  const request = addRequest();
  request.r = T.r;
  request.expires = expires;
  request.amount = x;
  random(request.challenge, CHALLENGE_SIZE);
  writePaymentRequest(request);
  outputWithCertificate(signForAnybody(Typ.PaymentRequest));
  return Status.Ok;
}

/** CancelRequest: a request ends exactly once; this one as void. */
export function cancelRequest(): Status {
  readArray(1);
  const r = readU32();
  const refused = checkInput(Phase.Active);
  if (refused != Status.Ok) return refused;
  // "r is open (request-void or request-collected if the ring says so, else unknown-request)"
  const index = findRequest(r);
  if (index < 0) return whyNotOpen(r);

  // "End as void."
  writeOutcome(endAsVoid(index));
  outputWithCertificate(signForAnybody(Typ.Outcome));
  return Status.Ok;
}

/** Why a request that is not open cannot be ended. */
export function whyNotOpen(r: u32): Status {
  const index = findOutcome(r);
  if (index < 0) return Status.UnknownRequest;
  return outcomeAt(index).kind == OutcomeKind.Void ? Status.RequestVoid : Status.RequestCollected;
}

function endAsVoid(index: i32): Outcome {
  const outcome = addVoid(requestAt(index));
  removeRequest(index);
  recordOutcome(outcome);
  return outcome;
}
