import { amount, ok, type Amount, type Result } from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { needTa } from "../core/identity.ts";
import { unfinished } from "../core/journal.ts";
import { DEPOSIT } from "../deposit/records.ts";
import { AWAITED, OUTGOING } from "../payment/records.ts";
import { CLAIMABLE, INCOMING } from "../receipt/records.ts";
import type { WalletRefusal } from "../refusals.ts";
import { WITHDRAWAL } from "../withdrawal/records.ts";

/** What the wallet can say without a network. */
export type Balance = {
  /** OffBal: what is in the device; absent without one, or while it does not answer. */
  readonly offline?: Amount;
  /** Why the device did not say. */
  readonly device?: WalletRefusal;
  /** Received by the wallet and not claimed yet: this wallet's money. */
  readonly claimable: Amount;
  /** Paid, and how it ended is not known: the payees' money, unless it comes back. */
  readonly paid: Amount;
  /** Paid for nothing: this wallet's money, which `refund` brings back. */
  readonly refundable: Amount;
  /** On its way from the device to the online balance. */
  readonly withdrawing: Amount;
  /** On its way from the online balance into the device. */
  readonly depositing: Amount;
};

export async function balance(core: Core): Promise<Result<Balance, never>> {
  const { records } = core;
  const claimable = (await records.list(CLAIMABLE)).map(({ key }) => key);
  const awaited = await records.list(AWAITED);
  const awaiting = (what: "outcome" | "refund"): string[] =>
    awaited.flatMap(({ key, value }) => (value.what === what ? [key] : []));
  const withdrawing = await unfinished(core, "withdraw");
  const depositing = await unfinished(core, "deposit");
  return ok({
    ...(await offline(core)),
    claimable: await sum(claimable, (key) => records.get(INCOMING, key)),
    paid: await sum(awaiting("outcome"), (key) => records.get(OUTGOING, key)),
    refundable: await sum(awaiting("refund"), (key) => records.get(OUTGOING, key)),
    withdrawing: await sum(withdrawing, (key) => records.get(WITHDRAWAL, key)),
    depositing: await sum(depositing, (key) => records.get(DEPOSIT, key)),
  });
}

async function offline(core: Core): Promise<Pick<Balance, "offline" | "device">> {
  const equipped = await needTa(core);
  if (!equipped.ok) return equipped.error.code === "no-device" ? {} : { device: equipped.error };
  const info = await equipped.value.device.getInfo();
  return info.ok ? { offline: info.value.balance } : { device: info.error };
}

async function sum(
  keys: readonly string[],
  get: (key: string) => Promise<{ readonly amount: Amount } | undefined>,
): Promise<Amount> {
  const records = await Promise.all(keys.map(get));
  return amount(records.reduce((total, record) => total + (record?.amount ?? 0n), 0n));
}
