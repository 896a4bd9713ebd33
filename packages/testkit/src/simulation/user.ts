import { unwrap, type Result, type SyncSigner, type TaId, type WalletId } from "@bezant/protocol";
import type { Random } from "@bezant/tee";
import type { Image } from "@bezant/tee/simulation";
import {
  createWallet,
  type Device,
  type Fetch,
  type PaymentId,
  type Requested,
  type Wallet,
} from "@bezant/wallet";
import { Crash, MemoryDisk, type CommitFault, type DiskImage } from "@bezant/wallet/simulation";
import type { VirtualClock } from "../clock.ts";
import type { SimulatedDevice } from "../device.ts";
import { EUR, type Institutions } from "../institutions.ts";
import type { Bank } from "./bank.ts";
import { asynchronous, type SimulatedCryptography } from "./cryptography.ts";
import type { Net } from "./net.ts";
import type { OpenWishes } from "./oracle/wishes.ts";
import type { Response } from "./router.ts";
import { toHttp } from "./router.ts";

export type UserParts = {
  readonly number: number;
  readonly institutions: Institutions;
  readonly clock: VirtualClock;
  readonly cryptography: SimulatedCryptography;
  readonly random: Random;
  readonly net: Net;
  readonly home: Bank;
  readonly banks: readonly Bank[];
  readonly device: SimulatedDevice | undefined;
};

/** Somebody who has a wallet, who may run copies of it, and who may have a secure device. */
export class User {
  readonly number: number;
  readonly parts: UserParts;
  readonly signer: SyncSigner;
  readonly pin = "2468";
  /** What this user's clock is wrong by. */
  skew = 0;
  readonly main: Process;
  /** A second process over a copy of the first one's store. */
  copy: Process | undefined;
  /** An older store to put back, and what its user had wished for by then. */
  older: { readonly image: DiskImage; readonly wishes: OpenWishes } | undefined;
  /** An older flash, and the newest one while the older is in the device, with the writes until then. */
  flash: Image | undefined;
  newestFlash: { readonly image: Image; readonly writes: number } | undefined;
  /** The latest requests, and the latest payments, of which something may become yet. */
  readonly requests: Requested[] = [];
  readonly received: PaymentId[] = [];
  /** Somebody else than the one wallet has given orders to the device, or an older store knows nothing of some that it gave. */
  isAbused = false;
  /** Payments that were in a store which is gone, and not in the one that is left: `outgoing` or `incoming`, and their keys. */
  readonly lost = new Set<string>();
  wallet: WalletId | undefined;
  /** The TA at work in the device, and all that it has had. */
  ta: TaId | undefined;
  readonly tas = new Set<TaId>();

  constructor(parts: UserParts) {
    this.parts = parts;
    this.number = parts.number;
    this.signer = parts.cryptography.newSigner(parts.random);
    this.main = new Process(this);
  }

  get device(): SimulatedDevice | undefined {
    return this.parts.device;
  }

  /** The device begins a new TA. */
  begins(ta: TaId): void {
    this.ta = ta;
    this.tas.add(ta);
  }

  /** The newest flash is out of the device, which has written nothing since. */
  get hasOlderFlash(): boolean {
    return this.newestFlash !== undefined && this.newestFlash.writes === this.device?.files.writes;
  }

  /** Begins to run a second wallet over a copy of the store. */
  split(): void {
    this.join();
    const copy = new Process(this);
    this.isAbused = true;
    copy.disk.restore(this.main.disk.image());
    this.copy = copy;
  }

  /** Ends the second wallet; what only its store knew is gone. */
  join(): void {
    this.copy?.kill();
    if (this.copy !== undefined) this.#noteLost(this.copy.disk.image(), this.main.disk.image());
    this.copy = undefined;
  }

  /** The wallet begins again over an older store. */
  putBack(image: DiskImage): void {
    this.main.kill();
    this.#noteLost(this.main.disk.image(), image);
    this.main.disk.restore(image);
    this.isAbused = true;
  }

  #noteLost(gone: DiskImage, left: DiskImage): void {
    for (const kind of ["outgoing", "incoming"]) {
      const keys = [...(gone.get(kind)?.keys() ?? [])];
      const lost = keys.filter((key) => left.get(kind)?.has(key) !== true);
      for (const key of lost) this.lost.add(`${kind} ${key}`);
    }
  }

  get processes(): readonly Process[] {
    return this.copy === undefined ? [this.main] : [this.main, this.copy];
  }
}

/** A wallet's process and the disk under it. */
export class Process {
  readonly disk = new MemoryDisk();
  readonly user: User;
  /** Operations under way. */
  running = 0;
  crashes = 0;
  isFull = false;
  #planned: { readonly fault: CommitFault; after: number } | undefined;
  #wallet: Wallet | undefined;
  /** Rises with every start: what an earlier life still does has no effect. */
  #life = 0;

  constructor(user: User) {
    this.user = user;
    this.disk.beforeCommit = () => this.#beforeCommit();
  }

  /** The commit after so many meets this fault. */
  plan(fault: CommitFault, after: number): void {
    this.#planned = { fault, after };
  }

  mend(): void {
    this.#planned = undefined;
    this.isFull = false;
  }

  async open(): Promise<Wallet> {
    this.#wallet ??= await this.#start();
    return this.#wallet;
  }

  kill(): void {
    this.#life += 1;
    this.#wallet = undefined;
    this.running = 0;
    this.disk.kill();
    this.user.parts.net.forget(this);
  }

  /** Runs an operation; undefined: the process died over it. */
  async run<T>(operation: (wallet: Wallet) => Promise<T>): Promise<T | undefined> {
    const wallet = await this.open();
    const life = this.#life;
    this.running += 1;
    try {
      return await operation(wallet);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      if (life === this.#life) {
        this.crashes += 1;
        this.kill();
      }
      return undefined;
    } finally {
      if (life === this.#life) this.running -= 1;
    }
  }

  async #start(): Promise<Wallet> {
    const { institutions, clock, cryptography, random, device } = this.user.parts;
    const { verifier } = cryptography;
    const life = this.#life;
    const created = await createWallet({
      store: unwrap(this.disk.open()),
      signer: asynchronous(this.user.signer),
      verifier: { verify: (check) => Promise.resolve(verifier.verify(check)) },
      root: institutions.root,
      currency: EUR,
      clock: { now: () => clock.at(this.user.skew) },
      random,
      fetch: this.#fetch(life),
      ...(device === undefined ? {} : { device: this.#living(device.connect(), life) }),
    });
    return unwrap(created);
  }

  #fetch(life: number): Fetch {
    const { net, banks } = this.user.parts;
    return (url, { method, headers, body }) =>
      new Promise((resolve, reject) => {
        const bank = banks.find((one) => url.startsWith(`${one.url}/`));
        if (life !== this.#life || bank === undefined) return;
        const token = headers["authorization"]?.replace("Bearer ", "");
        const path = url.slice(bank.url.length);
        const settle = (response: Response | undefined): void => {
          if (life !== this.#life) return;
          if (response === undefined) reject(new Error("the connection broke"));
          else resolve(toHttp(response));
        };
        const request = { method, path, token, body: body ?? new Uint8Array() };
        net.ask({ process: this, bank, request, settle });
      });
  }

  /** A dead process gives its device no commands. */
  #living(device: Device, life: number): Device {
    type Call = (...input: unknown[]) => Promise<Result<unknown, unknown>>;
    const never = new Promise<never>(() => undefined);
    const calls = Object.entries(device).map(([name, call]) => [
      name,
      (...input: unknown[]) => (life === this.#life ? (call as Call)(...input) : never),
    ]);
    return Object.fromEntries(calls) as Device;
  }

  #beforeCommit(): CommitFault | undefined {
    if (this.isFull) return "full";
    const planned = this.#planned;
    if (planned === undefined) return undefined;
    if (planned.after > 0) {
      planned.after -= 1;
      return undefined;
    }
    this.#planned = undefined;
    return planned.fault;
  }
}
