import { ok, type Result, type TaId } from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import type { WalletRefusal } from "../refusals.ts";
import { onlineBalance } from "../view/online.ts";
import { RETIRED } from "./records.ts";

/** Whether a TA has ended for good: by this store, or by the provider, as an older store that was put back has not heard. */
export async function isRetired(core: Core, ta: TaId): Promise<Result<boolean, WalletRefusal>> {
  if ((await core.records.get(RETIRED, ta)) !== undefined) return ok(true);
  const balance = await onlineBalance(core);
  if (!balance.ok) return balance;
  return ok(balance.value.tas.some((one) => one.ta === ta && one.status === "retired"));
}
