import {
  err,
  payVerify,
  RECEIPT_GRACE,
  type PayRefusal,
  type Refusal,
  type Result,
  type VerifiedPayment,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { walletRefusal, type WalletRefusal } from "../refusals.ts";

/**
 * PayVerify (§8.2) by whoever hands over goods for P, by the wallet's own clock: a device has none, and a provider has more
 * patience. `payer-expired`: P is genuine, but too late to be relied on here.
 */
export async function verifyReceived(
  core: Core,
  message: Uint8Array,
): Promise<
  Result<VerifiedPayment, PayRefusal | Refusal<"bad-signature"> | WalletRefusal<"payer-expired">>
> {
  const trusted = core.trust.at(core.now());
  const genuine = await core.trust.verify(payVerify(message, trusted));
  if (!genuine.ok) return genuine;
  // All that can be wrong now is the time.
  const timely = payVerify(message, { ...trusted, grace: RECEIPT_GRACE });
  return timely.ok ? genuine : err(walletRefusal("payer-expired"));
}
