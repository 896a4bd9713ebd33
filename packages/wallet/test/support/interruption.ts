import { unwrap } from "@bezant/protocol";
import { FAULTS, type Fault, type Party, type Place } from "@bezant/testkit";
import { expect } from "vitest";
import { Crash } from "../../src/simulation/index.ts";
import type { Channel } from "../../src/index.ts";

/** The process of one party, which may end with a crash: then it is gone, and its channel with it. */
export async function alive<T>(
  party: Party,
  run: () => Promise<T>,
  channel?: Channel,
): Promise<T | "crashed"> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
    party.kill();
    await channel?.close();
    return "crashed";
  }
}

/** Starts the wallet again, as after a crash, and lets it resume; nothing may be left over. */
export async function recover(party: Party): Promise<readonly unknown[]> {
  party.faults.clear();
  await party.reopen();
  return unwrap(await party.wallet.resume());
}

export type Interruption = { readonly at: number; readonly place: Place; readonly fault: Fault };

/** Everything that can go wrong in a run that passes these places. */
export function interruptions(passed: readonly Place[]): Interruption[] {
  return passed.flatMap((place, at) => FAULTS[place].map((fault) => ({ at, place, fault })));
}

/** A wallet that has resumed says the same as its device and, where there is a network, its provider. */
export async function expectBooksAgree({ wallet, isOnline }: Party): Promise<void> {
  const history = unwrap(await wallet.history());
  expect(history.filter(({ state }) => state === "pending")).toEqual([]);
  const { device, open, ta } = unwrap(await wallet.status());
  if (device === undefined) return;
  const info = unwrap(device);
  const ofTa = open.filter(({ payeeClass }) => payeeClass === "ta");
  expect(ofTa.map(({ r }) => r)).toEqual(info.open);
  const settled = history.flatMap((entry) =>
    entry.kind === "paid" && entry.state === "settled" ? [entry.j] : [],
  );
  expect(settled.filter((j) => info.unsettled.includes(j))).toEqual([]);
  if (!isOnline) return;
  const { tas } = unwrap(await wallet.onlineBalance());
  expect(tas.find((one) => one.ta === ta)).toMatchObject({ d: info.d, w: info.w });
}
