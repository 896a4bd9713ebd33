import {
  doubtsAbout,
  err,
  ok,
  refusal,
  type Refusal,
  type Result,
  type VerifiedChain,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";

/** Refuses what a provider has said whose certificate nobody was told of before its intermediary's key was revoked. */
export async function unlessDoubted(
  { trust, reported }: Core,
  chain: VerifiedChain | undefined,
): Promise<Result<void, Refusal>> {
  const doubts = chain === undefined ? [] : doubtsAbout(chain, undefined, trust.revoked);
  const confirmed = await reported.confirm(doubts);
  if (!confirmed.ok) return confirmed;
  switch (confirmed.value) {
    case "confirmed":
      return ok(undefined);
    case "unreported":
      return err(refusal("issuer-revoked", "no report named the certificate in time"));
    case "unknown":
      return err(refusal("issuer-unconfirmed"));
  }
}
