import { err, ok, revocationOrder, type Result, type TaId } from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { needProvider, orderContext } from "../core/identity.ts";
import { walletRefusal, type WalletRefusal } from "../refusals.ts";
import { TRUSTED_APP } from "./records.ts";

export type ReportedLost = { readonly ta: TaId };

/**
 * The owner reports a device lost or stolen, for the provider to revoke its TA (protocol document §18.5). It takes no device, only
 * the wallet's key; the same again changes nothing.
 * @param ta one of this client's; without it the one that this wallet used last
 */
export async function reportLost(
  core: Core,
  ta?: TaId,
): Promise<Result<ReportedLost, WalletRefusal>> {
  const online = await needProvider(core);
  if (!online.ok) return online;
  const lost = ta ?? (await core.records.get(TRUSTED_APP, "active"))?.ta;
  if (lost === undefined) return err(walletRefusal("device-not-registered"));
  const context = orderContext(core, online.value);
  const order = await revocationOrder.signAsync({ ta: lost }, context, core.signer);
  const receipt = await online.value.client.reportLost(order);
  return receipt.ok ? ok({ ta: lost }) : receipt;
}
