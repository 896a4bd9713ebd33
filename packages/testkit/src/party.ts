import { randomBytes } from "node:crypto";
import { nodeVerifier } from "@bezant/pki/node";
import { amount, unwrap, type SyncSigner, type TaId, type WalletId } from "@bezant/protocol";
import {
  createWallet,
  type Channel,
  type Fetch,
  type Wallet,
  type WalletParts,
} from "@bezant/wallet";
import { MemoryDisk } from "@bezant/wallet/simulation";
import type { VirtualClock } from "./clock.ts";
import type { SimulatedDevice } from "./device.ts";
import { faultyChannel, faultyDevice, faultyFetch, Faults } from "./faults.ts";
import { asSigner, EUR, newSigner, type Institutions } from "./institutions.ts";

/** The platform's own, which is all that a wallet needs of one. */
const platformFetch: Fetch = fetch;
const verifier = nodeVerifier();

/** Somebody with a wallet, and with a secure device or without one. Disk, key and device outlive a crash of the wallet. */
export class Party {
  readonly disk = new MemoryDisk();
  readonly faults = new Faults();
  readonly signer: SyncSigner = newSigner();
  readonly device: SimulatedDevice | undefined;
  /** False: there is no network. */
  isOnline = true;
  readonly #institutions: Institutions;
  readonly #clock: VirtualClock;
  #wallet: Wallet | undefined;

  constructor(
    institutions: Institutions,
    clock: VirtualClock,
    device: SimulatedDevice | undefined,
  ) {
    this.#institutions = institutions;
    this.#clock = clock;
    this.device = device;
    this.disk.beforeCommit = () => this.faults.commit();
  }

  /** The wallet's process at work. */
  get wallet(): Wallet {
    if (this.#wallet === undefined) throw new Error("the wallet is not open");
    return this.#wallet;
  }

  /** Starts the wallet's process over what the last one left. */
  async open(changes: Partial<WalletParts> = {}): Promise<Wallet> {
    const device = this.device?.connect();
    const created = await createWallet({
      store: changes.store ?? unwrap(this.disk.open()),
      signer: asSigner(this.signer),
      verifier: { verify: (check) => Promise.resolve(verifier.verify(check)) },
      root: this.#institutions.root,
      currency: EUR,
      clock: this.#clock,
      random: randomBytes,
      ...(device === undefined ? {} : { device: faultyDevice(device, this.faults) }),
      fetch: faultyFetch((url, request) => this.#fetch(url, request), this.faults),
      ...changes,
    });
    this.#wallet = unwrap(created);
    return this.#wallet;
  }

  /** Ends the wallet's process without a word. */
  kill(): void {
    this.disk.kill();
    this.#wallet = undefined;
  }

  async reopen(): Promise<Wallet> {
    this.kill();
    return this.open();
  }

  /** This party's end of a channel. */
  hold(channel: Channel): Channel {
    return faultyChannel(channel, this.faults);
  }

  async id(): Promise<WalletId> {
    const { registered } = unwrap(await this.wallet.status());
    if (registered === undefined) throw new Error("not registered");
    return registered.wallet;
  }

  async ta(): Promise<TaId> {
    const { ta } = unwrap(await this.wallet.status());
    if (ta === undefined) throw new Error("no TA is registered");
    return ta;
  }

  /** What is in the device. */
  async offline(): Promise<bigint> {
    return unwrap(await this.wallet.balance()).offline ?? amount(0n);
  }

  async #fetch(...request: Parameters<Fetch>): ReturnType<Fetch> {
    if (!this.isOnline) throw new Error("there is no network");
    return platformFetch(...request);
  }
}
