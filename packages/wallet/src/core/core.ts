import type { Seconds, TaId, WalletId } from "@bezant/protocol";
import { Records } from "../store/records.ts";
import { watched } from "../device/watched.ts";
import { exclusive, type Exclusive } from "./exclusive.ts";
import type { WalletParts } from "./parts.ts";
import { Trust } from "./trust.ts";

/** What every operation works with. */
export type Core = Omit<WalletParts, "store" | "verifier" | "clock"> & {
  readonly records: Records;
  readonly trust: Trust;
  readonly exclusive: Exclusive;
  readonly now: () => Seconds;
  /** The TA that the device at hand is known to have; undefined after the connection to it was lost. */
  connectedTa?: TaId | undefined;
  /** To read with; only in memory, and only until it expires. */
  token?: { readonly token: string; readonly expires: Seconds; readonly wallet: WalletId };
};

export async function createCore(parts: WalletParts): Promise<Core> {
  const { store, clock, verifier: _verifier, device, ...rest } = parts;
  const records = new Records(store);
  const now = (): Seconds => clock.now();
  const trust = await Trust.load(parts, records, now());
  const core: Core = { ...rest, records, trust, now, exclusive: exclusive() };
  if (device === undefined) return core;
  return Object.assign(core, { device: watched(device, () => (core.connectedTa = undefined)) });
}
