import {
  err,
  holderToHome,
  ok,
  type Context,
  type ProviderId,
  type Result,
  type WalletId,
} from "@bezant/protocol";
import type { Device } from "../device/device.ts";
import type { Way } from "../provider-client/http.ts";
import { providerClient, type ProviderClient } from "../provider-client/provider.ts";
import { walletRefusal, type WalletRefusal } from "../refusals.ts";
import {
  REGISTRATION,
  TRUSTED_APP,
  type RegistrationRecord,
  type TrustedAppRecord,
} from "../registration/records.ts";
import type { Core } from "./core.ts";

/** Who this wallet is to its provider. */
export type Registered = RegistrationRecord & { readonly certificate: Uint8Array };

export async function needRegistration(
  core: Core,
): Promise<Result<Registered, WalletRefusal<"not-registered">>> {
  const record = await core.records.get(REGISTRATION, "");
  if (record?.certificate === undefined) return err(walletRefusal("not-registered"));
  return ok({ ...record, certificate: record.certificate });
}

/** The wallet's own provider, over the network. */
export type Online = Registered & { readonly client: ProviderClient };

export async function needProvider(
  core: Core,
): Promise<Result<Online, WalletRefusal<"not-registered" | "no-network">>> {
  const registered = await needRegistration(core);
  if (!registered.ok) return registered;
  const way = wayTo(core, registered.value.url);
  if (!way.ok) return way;
  return ok({ ...registered.value, client: providerClient(way.value, registered.value.wallet) });
}

export function wayTo({ fetch }: Core, url: string): Result<Way, WalletRefusal<"no-network">> {
  return fetch === undefined ? err(walletRefusal("no-network")) : ok({ fetch, url });
}

/** The device with its TA at work, and that TA's certificate. */
export type Equipped = TrustedAppRecord & { readonly device: Device };

export async function needTa(core: Core): Promise<Result<Equipped, WalletRefusal>> {
  const device = needDevice(core);
  if (!device.ok) return device;
  const record = await core.records.get(TRUSTED_APP, "active");
  if (record === undefined) return err(walletRefusal("device-not-registered"));
  if (core.connectedTa !== record.ta) {
    // Somebody may have connected another device, whose money is none of this wallet's.
    const info = await device.value.getInfo();
    if (!info.ok) return info;
    if (info.value.id !== record.ta) return err(walletRefusal("other-device"));
    core.connectedTa = record.ta;
  }
  return ok({ ...record, device: device.value });
}

export function needDevice({ device }: Core): Result<Device, WalletRefusal<"no-device">> {
  return device === undefined ? err(walletRefusal("no-device")) : ok(device);
}

/** What the wallet itself signs for its provider. */
export function orderContext(
  { currency }: Pick<Core, "currency">,
  { provider, wallet }: { readonly provider: ProviderId; readonly wallet: WalletId },
): Context {
  return holderToHome({ currency, home: provider, signer: wallet });
}

/** The TA at work, and its provider over the network. */
export type Ready = Equipped & { readonly online: Online };

export async function needTaAndProvider(core: Core): Promise<Result<Ready, WalletRefusal>> {
  const equipped = await needTa(core);
  if (!equipped.ok) return equipped;
  const online = await needProvider(core);
  return online.ok ? ok({ ...equipped.value, online: online.value }) : online;
}
