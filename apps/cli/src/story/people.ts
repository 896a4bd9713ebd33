import { ZERO, type Amount, type Result, type Root, type Seconds } from "@bezant/protocol";
import type { Wallet, WalletRefusal } from "@bezant/wallet";
import type { ProviderName } from "../network/layout.ts";
import type { Network } from "../network/network.ts";
import { createWalletFolder } from "../wallet/folder.ts";
import { openWallet, type OpenWallet } from "../wallet/open.ts";
import { refusedByWallet } from "../wallet/refused.ts";

/** Who takes part. The merchant has no secure device. */
export type Name = "a" | "b" | "merchant";

/** Where each of them is a client. */
const HOME = { a: "aurum", b: "boreal", merchant: "aurum" } as const satisfies Record<
  Name,
  ProviderName
>;

/** The value of something that must not be refused here. */
export function need<T>(result: Result<T, WalletRefusal>): T {
  if (result.ok) return result.value;
  const { title, code, detail } = refusedByWallet(result.error).explained;
  throw new Error(`${title} [${code}${detail === undefined ? "" : `: ${detail}`}]`);
}

/** The wallets of those who take part, open in this process as apps on three phones would be. */
export class People {
  readonly #network: Network;
  readonly #now: () => Seconds;
  readonly #open = new Map<Name, OpenWallet>();
  #ended = false;

  constructor(network: Network, now: () => Seconds) {
    this.#network = network;
    this.#now = now;
  }

  /** Where somebody's provider serves. */
  url(name: Name): string {
    return this.#network.url(HOME[name]);
  }

  async create(name: Name, root: Root): Promise<void> {
    const { layout, currency } = this.#network;
    const provider = this.url(name);
    const device = name === "merchant" ? undefined : layout.device(name);
    await createWalletFolder(layout.wallet(name), { root, currency, provider, device });
    await this.open(name);
  }

  async open(name: Name): Promise<void> {
    if (this.#ended) throw new Error("the story has ended");
    this.#open.set(name, need(await openWallet(this.#network.layout.wallet(name), this.#now)));
  }

  async close(name: Name): Promise<void> {
    await this.#open.get(name)?.close();
    this.#open.delete(name);
  }

  /** The story has ended: other processes may open the wallets. */
  async end(): Promise<void> {
    this.#ended = true;
    for (const name of this.#open.keys()) await this.close(name);
  }

  wallet(name: Name): Wallet {
    const open = this.#open.get(name);
    if (open === undefined) throw new Error(`the wallet of ${name} is closed`);
    return open.wallet;
  }

  /** What is in somebody's device. */
  async inDevice(name: Name): Promise<Amount> {
    return need(await this.wallet(name).balance()).offline ?? ZERO;
  }

  /** What somebody has in the online account. */
  async online(name: Name): Promise<Amount> {
    return need(await this.wallet(name).onlineBalance()).online;
  }
}
