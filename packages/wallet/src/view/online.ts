import type { Result } from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { needProvider } from "../core/identity.ts";
import type { OnlineBalance, OnlineTransfer, ProviderClient } from "../provider-client/provider.ts";
import type { WalletRefusal } from "../refusals.ts";
import { readToken } from "../sync/token.ts";

/** OnBal, and how the provider sees this client and its TAs. */
export function onlineBalance(core: Core): Promise<Result<OnlineBalance, WalletRefusal>> {
  return withToken(core, (client, token) => client.balance(token));
}

export type OnlineHistory = {
  /** The newest first. */
  readonly entries: readonly OnlineTransfer[];
  /** For the next page; null: this was the last. */
  readonly before: string | null;
};

/** The provider's transfers of this client. */
export function onlineHistory(
  core: Core,
  before?: string,
): Promise<Result<OnlineHistory, WalletRefusal>> {
  return withToken(core, (client, token) => client.history(token, before));
}

async function withToken<T>(
  core: Core,
  read: (client: ProviderClient, token: string) => Promise<Result<T, WalletRefusal>>,
): Promise<Result<T, WalletRefusal>> {
  const online = await needProvider(core);
  if (!online.ok) return online;
  const token = await readToken(core, online.value);
  return token.ok ? read(online.value.client, token.value) : token;
}
