// A network with a central bank and two providers, and every request that its wallets have made.
import { amount, unwrap } from "@bezant/protocol";
import {
  createNetwork,
  type Network,
  type NetworkCentralBank,
  type Party,
  type PartyOptions,
} from "@bezant/testkit";
import type { Fetch } from "@bezant/wallet";

export interface Request {
  readonly origin: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface Life {
  readonly network: Network;
  readonly bank: NetworkCentralBank;
  readonly requests: readonly Request[];
}

const RESERVES = 1_000_000n;
const x = amount(7n);

/** Lets wallets with and without devices do everything that they ask a provider for. */
export async function live(): Promise<Life> {
  const network = await createNetwork({ providers: ["alpha", "beta"], reserves: RESERVES });
  const { centralBank: bank } = network;
  if (bank === undefined) throw new Error("a network with reserves has a central bank");
  const requests: Request[] = [];
  const join = async (at: string, options: Pick<PartyOptions, "device">) => {
    const party = await network.stranger(options);
    party.kill();
    await party.open({ fetch: recording(requests) });
    const { url } = network.provider(at);
    const { wallet } = unwrap(await party.wallet.register({ url }));
    await network.provider(at).fund(wallet, 1_000n);
    if (party.device !== undefined) unwrap(await party.wallet.registerTa());
    return party;
  };
  const alice = await join("alpha", { device: true });
  const bob = await join("beta", { device: true });
  const shop = await join("beta", {});
  unwrap(await alice.wallet.deposit({ amount: amount(500n) }));
  for (const payee of [bob, shop]) await pay(alice, payee);
  unwrap(await shop.wallet.claim());
  unwrap(await bob.wallet.withdraw({ amount: x }));
  await payAndDecline(alice, shop);
  const receiver = await shop.id();
  const { id: provider } = network.provider("beta");
  unwrap(await alice.wallet.payOnline({ amount: x, receiver, provider }));
  unwrap(await bob.wallet.payOnline({ amount: x, receiver }));
  for (const party of [alice, bob]) {
    unwrap(await party.wallet.sync());
    unwrap(await party.wallet.resume());
    unwrap(await party.wallet.onlineBalance());
    unwrap(await party.wallet.onlineHistory());
  }
  unwrap(await bob.wallet.retire());
  for (const id of ["alpha", "beta"]) await network.provider(id).settle();
  await bank.closeWindow();
  for (const id of ["alpha", "beta"]) await network.provider(id).settle();
  return { network, bank, requests };
}

async function pay(payer: Party, payee: Party): Promise<void> {
  const asked = unwrap(await payee.wallet.requestPayment({ amount: x, withChain: true }));
  const { message } = unwrap(await payer.wallet.pay(asked.message));
  const { outcome } = unwrap(await payee.wallet.receive(message));
  unwrap(await payer.wallet.settle(outcome));
}

/** Paid twice for one thing: the second comes back. */
async function payAndDecline(payer: Party, payee: Party): Promise<void> {
  const asked = unwrap(await payee.wallet.requestPayment({ amount: x, withChain: true }));
  const { message, j } = unwrap(await payer.wallet.pay(asked.message));
  unwrap(await payee.wallet.cancel({ payee: asked.payee, r: asked.r }));
  await payee.wallet.receive(message);
  const { outcome } = unwrap(await payee.wallet.decline({ sender: await payer.ta(), j }));
  unwrap(await payer.wallet.settle(outcome));
  unwrap(await payer.wallet.refund());
}

function recording(requests: Request[]): Fetch {
  return (url, request) => {
    const { method, headers, body = new Uint8Array() } = request;
    const { origin, pathname, search } = new URL(url);
    requests.push({ origin, method, path: pathname + search, headers, body });
    return fetch(url, request);
  };
}
