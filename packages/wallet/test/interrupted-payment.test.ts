import { amount, ok, unwrap } from "@bezant/protocol";
import { createNetwork, FAULTS, type Network, type Party } from "@bezant/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  channelPair,
  collectOver,
  payOver,
  type HistoryEntry,
  type Requested,
} from "../src/index.ts";
import type { DiskImage } from "../src/simulation/index.ts";
import { approve, PATIENCE, meet } from "./support/exchange.ts";
import {
  alive,
  expectBooksAgree,
  interruptions,
  recover,
  type Interruption,
} from "./support/interruption.ts";

const SIDES = ["payer", "payee"] as const;
type Side = (typeof SIDES)[number];
const X = amount(700n);
const BEFORE = 5000n;

let network: Network;
beforeAll(async () => {
  network = await createNetwork({ providers: ["alpha", "beta"] });
});
afterAll(() => network.close());

/** What everybody's disk and device hold at the beginning of every run. */
type Snapshot = {
  readonly disk: DiskImage;
  readonly files: ReadonlyMap<string, Uint8Array> | undefined;
};

function snapshot({ disk, device }: Party): Snapshot {
  return { disk: disk.image(), files: device?.files.image() };
}

async function restore(party: Party, { disk, files }: Snapshot): Promise<void> {
  party.kill();
  party.faults.clear();
  party.disk.restore(disk);
  if (files !== undefined) {
    party.device?.restart();
    party.device?.files.restore(files);
  }
  await party.open();
}

/** What the payee has got, in the device or to be claimed. */
async function gain(payee: Party): Promise<bigint> {
  const { offline, claimable } = unwrap(await payee.wallet.balance());
  return (offline ?? 0n) + claimable;
}

async function entries({ wallet }: Party, kind: HistoryEntry["kind"]): Promise<number> {
  return unwrap(await wallet.history()).filter((entry) => entry.kind === kind).length;
}

/** One payment, in which something may go wrong; `known` is the request if it was made before. */
async function run(
  payer: Party,
  payee: Party,
  known?: Requested,
): Promise<{ readonly requested?: Requested; readonly completed: boolean }> {
  const [left, right] = channelPair();
  const asked =
    known === undefined
      ? await alive(payee, () => payee.wallet.requestPayment({ amount: X }))
      : ok(known);
  if (asked === "crashed" || !asked.ok) return { completed: false };
  const payerEnd = payer.hold(left);
  const payeeEnd = payee.hold(right);
  const [paid, received] = await Promise.all([
    alive(payer, () => payOver(payer.wallet, payerEnd, { ...PATIENCE, approve }), left),
    alive(payee, () => collectOver(payee.wallet, payeeEnd, asked.value, PATIENCE), right),
  ]);
  const completed =
    paid !== "crashed" &&
    received !== "crashed" &&
    paid.ok &&
    paid.value.verdict !== "unknown" &&
    received.ok;
  return { requested: asked.value, completed };
}

describe.each([
  { to: "a TA of the same provider", device: true, at: "alpha" },
  { to: "a TA of another provider", device: true, at: "beta" },
  { to: "a wallet", device: false, at: "alpha" },
])("a payment from a TA to $to", (options) => {
  let payer: Party;
  let payee: Party;
  let before: readonly [Snapshot, Snapshot];
  beforeAll(async () => {
    payer = await network.party({ offline: BEFORE });
    payee = await network.party(options);
    // Both have met once, so that the chains they learn from each other are no difference later.
    const hello = unwrap(
      await payee.wallet.requestPayment({ amount: amount(1n), withChain: true }),
    );
    unwrap((await meet(payer, payee, hello)).paid);
    for (const party of [payer, payee]) party.isOnline = false;
    before = [snapshot(payer), snapshot(payee)];
  });

  async function begin(): Promise<void> {
    await restore(payer, before[0]);
    await restore(payee, before[1]);
  }

  /** Lets both resume, and looks at what became of it: it can be completed, or it never was. */
  async function checkAndComplete(asked: Requested | undefined): Promise<void> {
    let requested = asked;
    expect(await recover(payer)).toEqual([]);
    expect(await recover(payee)).toEqual([]);
    for (const party of [payer, payee]) await expectBooksAgree(party);
    const hasPaid = (await payer.offline()) < BEFORE - 1n;
    const hasGained = (await gain(payee)) > 1n;
    // What has happened is in both wallets' books, and nothing else is.
    expect(await entries(payer, "paid")).toBe(hasPaid ? 2 : 1);
    expect(await entries(payee, "received")).toBe(hasGained ? 2 : 1);
    if (!hasPaid) {
      expect(hasGained).toBe(false);
      expect(payer.disk.image()).toEqual(before[0].disk);
      requested ??= unwrap(await payee.wallet.requestPayment({ amount: X }));
    }
    // It completes from there, as if nothing had happened, and the payer pays once.
    const met = await meet(payer, payee, requested as Requested);
    expect(met.paid).toMatchObject({ ok: true });
    expect(unwrap(met.paid).verdict).toBe(options.device ? "settled" : "received");
    expect(met.received).toMatchObject({ ok: true });
    expect([await payer.offline(), await gain(payee)]).toEqual([BEFORE - 1n - X, 1n + X]);
    expect([await entries(payer, "paid"), await entries(payee, "received")]).toEqual([2, 2]);
    expect(unwrap(await payer.wallet.resume())).toEqual([]);
    expect(unwrap(await payee.wallet.resume())).toEqual([]);
  }

  async function interrupt(side: Side, { at, fault }: Interruption): Promise<void> {
    await begin();
    (side === "payer" ? payer : payee).faults.plan(at, fault);
    const { requested, completed } = await run(payer, payee);
    // What is only lost or repeated on the way is made good at once.
    if (fault === "drop" || fault === "repeat") expect(completed).toBe(true);
    await checkAndComplete(requested);
  }

  it.each(SIDES)("completes or never was, wherever the %s is interrupted", async (side) => {
    await begin();
    const party = side === "payer" ? payer : payee;
    party.faults.plan(Infinity, "drop");
    await run(payer, payee);
    const all = interruptions(party.faults.passed);
    expect(all.length).toBeGreaterThan(15);
    for (const one of all) {
      await interrupt(side, one).catch((error: unknown) => {
        throw new Error(`${one.fault} at ${one.place} ${one.at}`, { cause: error });
      });
    }
  });

  it("completes or never was, also when again and again something goes wrong", async () => {
    const anyFault = fc.constantFrom(...new Set(Object.values(FAULTS).flat()));
    const misfortune = fc.record({
      side: fc.constantFrom(...SIDES),
      at: fc.nat({ max: 8 }),
      fault: anyFault,
      /** Whether it happens while they meet, or while they resume. */
      resuming: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(misfortune, { minLength: 2, maxLength: 5 }), async (all) => {
        await begin();
        let requested: Requested | undefined;
        for (const { side, at, fault, resuming } of all) {
          const party = side === "payer" ? payer : payee;
          party.faults.plan(at, fault);
          if (!resuming) ({ requested = requested } = await run(payer, payee, requested));
          for (const one of [payer, payee]) {
            one.kill();
            await one.open();
            await alive(one, () => one.wallet.resume());
            if (resuming) await one.reopen();
          }
        }
        await checkAndComplete(requested);
      }),
      { numRuns: 40 },
    );
  });
});
