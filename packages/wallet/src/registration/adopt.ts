import { ok, type Result } from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import type { Equipped } from "../core/identity.ts";
import { adoptPayments } from "../payment/pay.ts";
import type { WalletRefusal } from "../refusals.ts";
import { adoptRequests } from "../request/request-payment.ts";
import { adoptWithdrawals } from "../withdrawal/withdraw.ts";

/**
 * What is unfinished in the TA and unknown to this store: it is a new one, an older one that was put back, or another copy of
 * the wallet has been at work.
 */
export async function adopt(core: Core, equipped: Equipped): Promise<Result<void, WalletRefusal>> {
  for (const one of [adoptPayments, adoptWithdrawals, adoptRequests]) {
    const adopted = await one(core, equipped);
    if (!adopted.ok) return adopted;
  }
  return ok(undefined);
}
