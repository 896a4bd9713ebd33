import { isBalanced as isBankBalanced } from "@bezant/central-bank";
import { amount, unwrap } from "@bezant/protocol";
import { isBalanced } from "@bezant/provider";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import {
  createNetwork,
  type Network,
  type NetworkCentralBank,
  type NetworkProvider,
  type Party,
} from "../../src/index.ts";

/** Of each provider, at the central bank. */
export const RESERVES = 50_000_000n;

/** A central bank, two providers, and clients of theirs: alice of alpha, bob and a shop of beta. */
export type Scene = {
  readonly network: Network;
  readonly bank: NetworkCentralBank;
  readonly alice: Party;
  readonly bob: Party;
  readonly shop: Party;
};

/** One for all tests of a file. After each, once everything has settled, every unit that was issued is somewhere, once. */
export function useTwoProviders(onMade: (scene: Scene) => void): void {
  let scene: Scene;
  beforeAll(async () => {
    const network = await createNetwork({ providers: ["alpha", "beta"], reserves: RESERVES });
    scene = {
      network,
      bank: network.centralBank!,
      alice: await network.party({ at: "alpha", offline: 5000n, online: 5000n }),
      bob: await network.party({ at: "beta", device: true }),
      shop: await network.party({ at: "beta" }),
    };
    onMade(scene);
  });
  afterAll(() => scene.network.close());
  afterEach(() => expectAllThere(scene));
}

export function providersOf({ network }: Pick<Scene, "network">): readonly NetworkProvider[] {
  return [network.provider("alpha"), network.provider("beta")];
}

export async function settleAll(scene: Pick<Scene, "network">): Promise<void> {
  for (const provider of providersOf(scene)) {
    expect(await provider.settle()).toMatchObject({ failed: [] });
  }
}

/** From hand to hand, with nobody else. @returns the payment */
export async function payOffline(payer: Party, payee: Party, x: bigint): Promise<Uint8Array> {
  const terms = { amount: amount(x), withChain: true };
  const asked = unwrap(await payee.wallet.requestPayment(terms));
  const paid = unwrap(await payer.wallet.pay(asked.message));
  const received = unwrap(await payee.wallet.receive(paid.message));
  unwrap(await payer.wallet.settle(received.outcome));
  return paid.message;
}

/** Alice of alpha pays bob's device and the shop, both of beta; both bring the money online there. */
export async function crossOffline({ alice, bob, shop }: Scene, x: bigint): Promise<void> {
  await payOffline(alice, bob, x);
  unwrap(await bob.wallet.withdraw({ amount: amount(x) }));
  await payOffline(alice, shop, x);
  unwrap(await shop.wallet.claim());
}

async function expectAllThere(scene: Scene): Promise<void> {
  const { bank } = scene;
  for (const _ of [1, 2]) await settleAll(scene);
  await bank.closeWindow();
  await settleAll(scene);
  const supply = await bank.audit();
  expect(isBankBalanced(supply)).toBe(true);
  expect(supply.loss).toBe(0n);
  let [held, offline, interbank] = [0n, 0n, 0n];
  for (const provider of providersOf(scene)) {
    const own = await provider.audit();
    expect(own.mismatches).toEqual([]);
    expect(isBalanced(own)).toBe(true);
    const { online, suspense, reserves, loss } = own.balances;
    const there = supply.providers.find((one) => one.provider === provider.id)!;
    expect(there).toMatchObject({ loss: 0n, pendingOutward: 0n, pendingInward: 0n });
    // What it has lost is its own.
    expect(own.position.free).toBe(RESERVES + reserves + loss);
    expect(there.reserves + there.prefund).toBe(online + suspense + own.position.free!);
    held += online + suspense + own.position.free!;
    offline += own.balances.offline;
    interbank += own.balances.interbank;
  }
  expect({ offline, interbank }).toEqual({ offline: supply.circulation, interbank: 0n });
  expect(supply.issuance).toBe(held + supply.circulation);
}
