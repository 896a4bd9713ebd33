import {
  err,
  ok,
  refusal,
  seconds,
  sha256,
  toHex,
  tokenRequest,
  type Refusal,
  type Result,
  type Seconds,
  type WalletId,
} from "@bezant/protocol";
import { walletOrder } from "../core/authority.ts";
import type { Core } from "../core/core.ts";
import { spendNonce } from "../core/nonces.ts";
import { openToken, sealToken } from "../core/seal.ts";
import { done, refuse, transact } from "@bezant/service";
import { checkChallenge } from "./challenge.ts";

export interface Token {
  /** For the header `Authorization: Bearer …`; reads for this client alone. */
  readonly token: string;
  readonly expires: Seconds;
}

/** A read token for a signed challenge. No server remembers it: it says itself whose it is and until when. */
export async function issueToken(
  core: Core,
  client: WalletId,
  body: Uint8Array,
): Promise<Result<Token, Refusal>> {
  const request = await walletOrder(core, tokenRequest, client, body);
  if (!request.ok) return request;
  const { nonce } = request.value.payload;
  const open = checkChallenge(core, client, "token", nonce);
  if (!open.ok) return open;
  const now = core.clock.now();
  const spending = { nonce, digest: toHex(sha256(body)), expires: open.value, now };
  return transact(core.db, async (transaction) => {
    const spent = await spendNonce(transaction, client, spending);
    if (spent === "spent") return refuse("unknown-nonce", "answered before");
    const expires = seconds(now + core.policy.tokenSeconds);
    return done({ token: sealToken(core.secret, client, expires), expires });
  });
}

/** Whether the token reads for this client now. */
export function checkToken(
  { secret, clock }: Core,
  client: WalletId,
  token: string,
): Result<void, Refusal<"unauthorised">> {
  const expires = openToken(secret, client, token);
  if (expires === undefined || expires < clock.now()) return err(refusal("unauthorised"));
  return ok(undefined);
}
