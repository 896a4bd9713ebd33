import { amount, unwrap } from "@bezant/protocol";
import { createNetwork, type Fault, type Network, type Party } from "@bezant/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PaymentId } from "../../src/index.ts";
import { meet } from "../support/exchange.ts";
import { alive, expectBooksAgree, interruptions, recover } from "../support/interruption.ts";

let network: Network;
let alice: Party;
let bob: Party;
let shop: Party;
beforeAll(async () => {
  network = await createNetwork();
  alice = await network.party({ offline: 100_000n, online: 100_000n });
  bob = await network.party({ device: true });
  shop = await network.party();
});
afterAll(() => network.close());

const X = amount(10n);

async function online(party: Party): Promise<bigint> {
  return network.provider().online(await party.id());
}

/** All that is a party's own, wherever it is. */
async function wealth(party: Party): Promise<bigint> {
  const { offline, claimable, refundable, withdrawing, depositing } = unwrap(
    await party.wallet.balance(),
  );
  // What was begun is not finished anywhere: everything has been resumed.
  expect([withdrawing, depositing]).toEqual([0n, 0n]);
  return (offline ?? 0n) + claimable + refundable + (await online(party));
}

async function supply(): Promise<bigint> {
  const all = await Promise.all([alice, bob, shop].map(wealth));
  return all.reduce((sum, one) => sum + one, 0n);
}

/** Alice pays the shop, which has it. */
async function payShop(): Promise<PaymentId> {
  const requested = unwrap(await shop.wallet.requestPayment({ amount: X }));
  const { paid } = await meet(alice, shop, requested);
  return { sender: await alice.ta(), j: unwrap(paid).j };
}

type Attempt = {
  readonly act: () => Promise<{ readonly ok: boolean }>;
  /** Does what is still to be done. */
  readonly complete?: () => Promise<unknown>;
  /** Moves by X if it was done, and not at all if it was not. */
  readonly measure?: () => Promise<bigint>;
};

type Operation = {
  readonly of: () => Party;
  /** Brings about what has to be there before; nothing goes wrong yet. */
  readonly prepare: () => Attempt | Promise<Attempt>;
};

const OPERATIONS: Readonly<Record<string, Operation>> = {
  register: {
    of: () => shop,
    prepare: () => ({ act: () => shop.wallet.register({ url: network.provider().url }) }),
  },
  "registerTa, which renews": {
    of: () => alice,
    prepare: () => ({ act: () => alice.wallet.registerTa() }),
  },
  deposit: {
    of: () => alice,
    prepare: () => ({
      act: () => alice.wallet.deposit({ amount: X }),
      measure: () => alice.offline(),
    }),
  },
  withdraw: {
    of: () => alice,
    prepare: () => ({
      act: () => alice.wallet.withdraw({ amount: X }),
      measure: () => alice.offline(),
    }),
  },
  payOnline: {
    of: () => alice,
    prepare: async () => {
      const receiver = await bob.id();
      return {
        act: () => alice.wallet.payOnline({ amount: X, receiver }),
        measure: () => online(bob),
      };
    },
  },
  sync: {
    of: () => alice,
    prepare: async () => {
      await payShop();
      return { act: () => alice.wallet.sync(), complete: () => shop.wallet.claim() };
    },
  },
  "claim of one payment": {
    of: () => shop,
    prepare: async () => {
      const id = await payShop();
      return {
        act: () => shop.wallet.claim([id]),
        complete: async () => unwrap(await shop.wallet.claim()),
      };
    },
  },
  "claim of several payments": {
    of: () => shop,
    prepare: async () => {
      for (let i = 0; i < 3; i++) await payShop();
      return {
        act: () => shop.wallet.claim(),
        complete: async () => unwrap(await shop.wallet.claim()),
      };
    },
  },
  cancel: {
    of: () => bob,
    prepare: async () => {
      const requested = unwrap(await bob.wallet.requestPayment({ amount: X }));
      return {
        act: () => bob.wallet.cancel(requested),
        complete: async () => {
          expect(unwrap(await bob.wallet.cancel(requested)).ended).toBe("void");
        },
      };
    },
  },
  "decline, and refund of what was declined": {
    of: () => shop,
    prepare: async () => {
      const id = await payShop();
      return {
        act: () => shop.wallet.decline(id),
        complete: async () => {
          const { outcome } = unwrap(await shop.wallet.decline(id));
          expect(unwrap(await alice.wallet.settle(outcome)).verdict).toBe("refund-due");
          expect(unwrap(await alice.wallet.refund())).toMatchObject({ count: 1, amount: X });
        },
      };
    },
  },
  "settle and refund of a payment whose request was void": {
    of: () => alice,
    prepare: async () => {
      const requested = unwrap(await bob.wallet.requestPayment({ amount: X }));
      const paid = unwrap(await alice.wallet.pay(requested.message));
      const outcome = unwrap(await bob.wallet.cancel(requested)).outcome!;
      expect(await bob.wallet.receive(paid.message)).toMatchObject({
        error: { code: "request-void", outcome },
      });
      return {
        act: async () => {
          const settled = await alice.wallet.settle(outcome);
          return settled.ok ? alice.wallet.refund() : settled;
        },
        complete: async () => {
          unwrap(await alice.wallet.settle(outcome));
          unwrap(await alice.wallet.refund());
          expect(unwrap(await alice.wallet.balance()).refundable).toBe(0n);
        },
      };
    },
  },
};

const nothing = (): Promise<void> => Promise.resolve();

describe.each(Object.entries(OPERATIONS))("%s", (_, { of, prepare }) => {
  /** Interrupts it there; afterwards it was done, or it was not. */
  async function attempt(at: number, fault: Fault): Promise<void> {
    const before = await supply();
    const { act, complete = nothing, measure } = await prepare();
    const first = await measure?.();
    of().faults.plan(at, fault);
    const done = await alive(of(), act);
    expect(await recover(of())).toEqual([]);
    await expectBooksAgree(of());
    // What is on its way to somebody may be in nobody's books, but nothing is in two.
    expect(await supply()).toBeLessThanOrEqual(before);
    if (first !== undefined) {
      const moved = (await measure!()) - first;
      const isDone = done !== "crashed" && done.ok;
      expect([0n, 10n, -10n]).toContain(moved);
      if (isDone) expect(moved).not.toBe(0n);
    }
    await complete();
    expect(await supply()).toBe(before);
  }

  it("is done once or not at all, wherever it is interrupted", async () => {
    const { act, complete = nothing } = await prepare();
    of().faults.plan(Infinity, "full");
    expect(await act()).toMatchObject({ ok: true });
    const all = interruptions(of().faults.passed);
    expect(all.length).toBeGreaterThan(6);
    await complete();
    for (const { at, place, fault } of all) {
      await attempt(at, fault).catch((error: unknown) => {
        throw new Error(`${fault} at ${place} ${at}`, { cause: error });
      });
    }
  });
});
