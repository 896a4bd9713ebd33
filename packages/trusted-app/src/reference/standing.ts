import {
  isCurrent,
  ok,
  seconds,
  standingOf,
  statusChunk,
  type Parsed,
  type Result,
  type Standing,
  type StatusChunk,
} from "@bezant/protocol";
import type { TaRefusal } from "../commands.ts";
import type { TeeInternalApi } from "../internal-api.ts";
import {
  certVerify,
  isRevokedKey,
  storedIssuer,
  verifies,
  type Issuer,
  type Seen,
} from "./certificates.ts";
import { read } from "./incoming.ts";
import { refuse } from "./reply.ts";
import type { TaState } from "./state.ts";

/** The other side of a payment, whose certificate has been verified. */
export interface Counterparty {
  readonly seen: Seen;
  readonly issuer: Issuer;
  /** The time and grace with which that was done. */
  readonly now: number;
  readonly grace: number;
}

/** What the chunk that came with a command says of the other side (docs/protocol.md §13.6). */
export function standing(
  api: TeeInternalApi,
  state: TaState,
  party: Counterparty,
  encoded: Uint8Array | undefined,
): Result<Standing, TaRefusal> {
  if (encoded === undefined) return ok("unknown");
  const parsed = read(statusChunk, encoded);
  if (!parsed.ok) return parsed;
  const { payload: chunk, kid } = parsed.value;
  const issuer = issuerOf(api, state, party, parsed.value);
  if (!issuer.ok) return issuer;
  const { iss } = party.seen.claims;
  if (issuer.value.id !== iss) return refuse("not-home");
  if (isRevokedKey(state, kid)) return refuse("issuer-revoked");
  const { currency } = state;
  const context = { currency, home: "", signer: iss, audience: "" } as const;
  const check = statusChunk.signatureCheck(parsed.value, context, issuer.value.key);
  if (!verifies(api, check)) return refuse("bad-signature");
  const minimumEpoch = state.epochs.find((pin) => pin.issuer === iss)?.epoch;
  const at = { minimumEpoch, now: seconds(party.now) };
  return ok(standingOf(party.seen.claims.statusIndex, chunk, (each) => isCurrent(each, at)));
}

/** Whether so much may move without anybody who vouches for the other side. */
export function isCovered(state: TaState, amount: bigint): boolean {
  return state.uncheckedValue + amount <= state.limits.uncheckedCap;
}

/** The key that signed the chunk: the one that certified the other side, another known one of home, or by its own chain. */
function issuerOf(
  api: TeeInternalApi,
  state: TaState,
  { seen, issuer, now, grace }: Counterparty,
  { kid, chain }: Parsed<StatusChunk>,
): Result<Issuer, TaRefusal> {
  if (kid === seen.kid) return ok(issuer);
  const stored =
    seen.claims.iss === state.home ? storedIssuer(state, kid, { now, grace }) : undefined;
  if (stored !== undefined) return ok(stored);
  if (kid === undefined || chain === undefined) return refuse("unknown-issuer");
  return certVerify(api, { state, currency: state.currency, now, grace, chain, kid });
}
