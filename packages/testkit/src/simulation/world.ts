import { createHash, type Hash } from "node:crypto";
import { setImmediate as turn } from "node:timers/promises";
import {
  amount,
  institutionId,
  parseCertificate,
  payment,
  taIdOf,
  unwrap,
  type Chain,
  type SyncSigner,
  type TaId,
} from "@bezant/protocol";
import type { TrustedApp } from "@bezant/tee";
import { VirtualClock } from "../clock.ts";
import { SimulatedDevice, trustedApp as shippedApp } from "../device.ts";
import { Institutions } from "../institutions.ts";
import { Bank } from "./bank.ts";
import { SimulatedCentralBank } from "./central-bank.ts";
import { simulatedCryptography, type SignatureMode } from "./cryptography.ts";
import { Net, type Asking } from "./net.ts";
import { Oracle } from "./oracle/oracle.ts";
import type { ProcessDatabase } from "./pglite.ts";
import type { Request, Response } from "./router.ts";
import { Rng } from "./rng.ts";
import { Thief } from "./thief.ts";
import { User } from "./user.ts";

export type WorldOptions = {
  readonly seed: string;
  readonly mode: SignatureMode;
  /** One empty database for each provider. */
  readonly stores: readonly ProcessDatabase[];
  /** An empty database for a central bank; without one each provider stands alone. */
  readonly centralBank?: ProcessDatabase | undefined;
  readonly devices: number;
  /** Users without a device: they only receive. */
  readonly merchants: number;
  readonly trustedApp?: TrustedApp;
};

const NAMES = ["alpha", "beta", "gamma", "delta"];
const FUNDS = 20_000n;

/** Everybody, and everything that is between them. */
export class World {
  readonly options: WorldOptions;
  readonly clock = new VirtualClock();
  readonly net = new Net();
  readonly oracle = new Oracle();
  readonly banks: Bank[] = [];
  readonly users: User[] = [];
  centralBank: SimulatedCentralBank | undefined;
  /** A provider that the intermediary should not have certified. */
  rogue!: { readonly signer: SyncSigner; readonly chain: Chain };
  /** Whoever has neither a device nor a provider behind him. */
  thief!: Thief;
  /** Chance for what is being done now; the world's own keys and nonces come from another one. */
  rng: Rng;
  #nonces: Rng;
  /** What an operation that goes on by itself has found. */
  failed: Error | undefined;
  readonly #trace: Hash = createHash("sha256");

  constructor(options: WorldOptions) {
    this.options = options;
    this.rng = new Rng(options.seed);
    this.#nonces = new Rng(`${options.seed} nonces`);
  }

  /** From here on all chance is that of one action, whatever came before it. */
  reseed(chance: number): void {
    this.rng = new Rng(`${this.options.seed} ${chance}`);
    this.#nonces = new Rng(`${this.options.seed} nonces ${chance}`);
  }

  ownerOf(id: string): User | undefined {
    return this.users.find(({ wallet, tas }) => wallet === id || tas.has(id as TaId));
  }

  /** Whose payment it is, by the certificate that came with it. */
  senderOf(message: Uint8Array): User | undefined {
    const parsed = payment.parse(message);
    if (!parsed.ok || parsed.value.certificate === undefined) return undefined;
    const certificate = parseCertificate(parsed.value.certificate);
    return certificate.ok ? this.ownerOf(taIdOf(certificate.value.key)) : undefined;
  }

  /** Writes something down in the trace that makes two runs the same or not. */
  note(...what: readonly (string | Uint8Array | number)[]): void {
    for (const one of what) this.#trace.update(typeof one === "number" ? `${one} ` : one);
  }

  traceHash(): string {
    return this.#trace.copy().digest("hex");
  }

  /** Hands a request to its provider; its answer is on its way then. */
  async deliver(asking: Asking): Promise<void> {
    const { bank, request } = asking;
    this.net.delivered += 1;
    const response = await this.serve(bank, request);
    if (response === undefined) asking.settle(undefined);
    else this.net.answer({ ...asking, response });
  }

  async serve(bank: Bank, request: Request): Promise<Response | undefined> {
    const response = await this.oracle.serve(bank, request);
    this.note(bank.id, request.path, request.body, response?.code ?? "", response?.body ?? "");
    return response;
  }

  /** Lets everybody go on until all wait for a message. */
  async settle(): Promise<void> {
    await turn();
  }

  /** Runs an operation to its end, with a network that delivers everything at once. */
  async finish<T>(operation: Promise<T>): Promise<T> {
    const state = { isDone: false };
    const ended = operation.finally(() => (state.isDone = true));
    // What it throws is for whoever waits below.
    ended.catch(() => undefined);
    for (;;) {
      await this.settle();
      if (state.isDone) return ended;
      const asking = this.net.requests.shift();
      if (asking !== undefined) await this.deliver(asking);
      const answering = this.net.answers.shift();
      answering?.settle(answering.response);
    }
  }

  /** Founds all institutions and gives everybody a wallet and money. */
  async found(): Promise<void> {
    const { mode, stores, devices, merchants, trustedApp = shippedApp } = this.options;
    const cryptography = simulatedCryptography(mode);
    const random = (length: number): Uint8Array => this.#nonces.bytes(length);
    const { clock, net, banks, users } = this;
    const institutions = new Institutions(() => cryptography.newSigner(random));
    const signer = cryptography.newSigner(random);
    this.rogue = { signer, chain: institutions.certifyProvider(institutionId("rogue"), signer) };
    this.thief = new Thief(institutions, cryptography, trustedApp, random);
    net.onAsk = (bank, request) => this.oracle.noteRequest(bank, request);
    const common = { institutions, clock, cryptography, random };
    const { centralBank: money } = this.options;
    if (money !== undefined) {
      this.centralBank = await SimulatedCentralBank.open({ ...common, store: money });
    }
    const { centralBank } = this;
    for (const [i, store] of stores.entries()) {
      const id = NAMES[i] ?? `bank-${i}`;
      const bank = await Bank.open({ ...common, id, trustedApp, store, centralBank });
      banks.push(bank);
      this.oracle.addBank(bank);
      await centralBank?.admit(bank.id);
      // Before it has heard what it has, it may fund nobody.
      if (centralBank !== undefined) await this.oracle.settle(bank);
    }
    for (let number = 0; number < devices + merchants; number++) {
      const ofDevice = { random, cryptography: cryptography.ta, trustedApp };
      const device =
        number < devices ? await SimulatedDevice.make(institutions, ofDevice) : undefined;
      const home = banks[number % banks.length] as Bank;
      const user = new User({ ...common, net, home, banks, number, device });
      users.push(user);
      this.oracle.addUser(user);
      await this.#begin(user);
    }
  }

  /** Registers, funds and fills a user before anything can go wrong. */
  async #begin(user: User): Promise<void> {
    const { home } = user.parts;
    const { main } = user;
    const known = await this.finish(main.run((wallet) => wallet.register({ url: home.url })));
    if (known === undefined) throw new Error("a user cannot register");
    user.wallet = unwrap(known).wallet;
    this.oracle.addClient(user, user.wallet);
    const funding = home.funding(user.wallet, FUNDS);
    this.oracle.noteRequest(home, funding);
    await this.serve(home, funding);
    if (user.device === undefined) return;
    const registered = await this.finish(main.run((wallet) => wallet.registerTa()));
    if (registered === undefined) throw new Error("a device cannot register");
    unwrap(registered);
    const withPin = await this.finish(main.run((wallet) => wallet.setPin(user.pin)));
    if (withPin === undefined) throw new Error("a PIN was not set");
    unwrap(withPin);
    this.oracle.wishes.wish(`deposit ${user.number} ${FUNDS / 2n}`);
    const deposit = main.run((wallet) => wallet.deposit({ amount: amount(FUNDS / 2n) }));
    const deposited = await this.finish(deposit);
    if (deposited === undefined) throw new Error("a deposit was not made");
    unwrap(deposited);
  }
}
