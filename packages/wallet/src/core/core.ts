import type { Seconds, WalletId } from "@bezant/protocol";
import { Records } from "../store/records.ts";
import { exclusive, type Exclusive } from "./exclusive.ts";
import type { WalletParts } from "./parts.ts";
import { Trust } from "./trust.ts";

/** What every operation works with. */
export type Core = Omit<WalletParts, "store" | "verifier" | "clock"> & {
  readonly records: Records;
  readonly trust: Trust;
  readonly exclusive: Exclusive;
  readonly now: () => Seconds;
  /** To read with; only in memory, and only until it expires. */
  token?: { readonly token: string; readonly expires: Seconds; readonly wallet: WalletId };
};

export async function createCore(parts: WalletParts): Promise<Core> {
  const { store, clock, verifier: _verifier, ...rest } = parts;
  const records = new Records(store);
  const now = (): Seconds => clock.now();
  const trust = await Trust.load(parts, records, now());
  return { ...rest, records, trust, now, exclusive: exclusive() };
}
