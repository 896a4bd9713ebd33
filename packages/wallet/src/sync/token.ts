import { err, ok, tokenRequest, type Result } from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { orderContext, type Online } from "../core/identity.ts";
import { walletRefusal, type WalletRefusal } from "../refusals.ts";

/** Seconds before its end in which a token is not used any more. */
const MARGIN = 30;
const NONCE = 16;

/** A token to read with: the one at hand, or a new one for a signed challenge. */
export async function readToken(
  core: Core,
  online: Online,
): Promise<Result<string, WalletRefusal>> {
  const known = core.token;
  const isGood = known?.wallet === online.wallet && known.expires > core.now() + MARGIN;
  if (known !== undefined && isGood) return ok(known.token);
  const nonce = await online.client.challenge("token");
  if (!nonce.ok) return nonce;
  if (nonce.value.length !== NONCE) return err(walletRefusal("provider-unreadable", "nonce"));
  const context = orderContext(core, online);
  const message = await tokenRequest.signAsync({ nonce: nonce.value }, context, core.signer);
  const issued = await online.client.token(message);
  if (!issued.ok) return issued;
  core.token = { ...issued.value, wallet: online.wallet };
  return ok(issued.value.token);
}
