import {
  err,
  ok,
  refusal,
  seconds,
  type Refusal,
  type Result,
  type Seconds,
  type WalletId,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { openChallenge, sealChallenge, type Purpose } from "../core/seal.ts";
import { findClientKey } from "../registry/clients.ts";

export interface Challenge {
  readonly nonce: Uint8Array;
  /** The last second at which it may be answered. */
  readonly expires: Seconds;
}

/** A nonce that this client may answer once, within ten minutes. */
export async function challenge(
  core: Core,
  client: WalletId,
  purpose: Purpose,
): Promise<Result<Challenge, Refusal>> {
  const known = await findClientKey(core.db, client);
  if (!known.ok) return known;
  const { secret, clock, policy, random } = core;
  const expires = seconds(clock.now() + policy.challengeSeconds);
  return ok({ nonce: sealChallenge(secret, purpose, client, expires, random(4)), expires });
}

/** When the nonce ends, if it is this client's for this purpose and has not ended yet. */
export function checkChallenge(
  { secret, clock }: Core,
  client: WalletId,
  purpose: Purpose,
  nonce: Uint8Array,
): Result<Seconds, Refusal<"unknown-nonce">> {
  const expires = openChallenge(secret, purpose, client, nonce);
  if (expires === undefined || expires < clock.now()) return err(refusal("unknown-nonce"));
  return ok(expires);
}
