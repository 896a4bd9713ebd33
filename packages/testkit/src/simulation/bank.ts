import {
  amount,
  institutionId,
  unwrap,
  type Chain,
  type ProviderId,
  type SyncSigner,
  type WalletId,
} from "@bezant/protocol";
import {
  certificateIssuer,
  createProvider,
  DEFAULT_POLICY,
  operatorContext,
  operatorOrder,
  type OperatorOrder,
  type Provider,
  type ProviderParts,
  type Settlement,
} from "@bezant/provider";
import type { TrustedApp } from "@bezant/tee";
import type { VirtualClock } from "../clock.ts";
import { TOS } from "../device.ts";
import { EUR, type Institutions } from "../institutions.ts";
import type { SimulatedCentralBank } from "./central-bank.ts";
import { asynchronous, type SimulatedCryptography } from "./cryptography.ts";
import { BankCrash, FaultyDatabase } from "./database.ts";
import { TIGHT } from "./limits.ts";
import type { ProcessDatabase } from "./pglite.ts";
import { route, type Request, type Response } from "./router.ts";

export type BankParts = {
  readonly id: string;
  readonly institutions: Institutions;
  readonly clock: VirtualClock;
  readonly cryptography: SimulatedCryptography;
  readonly random: (length: number) => Uint8Array;
  readonly trustedApp: TrustedApp;
  readonly store: ProcessDatabase;
  readonly centralBank: SimulatedCentralBank | undefined;
};

/** A provider: the real operations over a PostgreSQL in this process, behind its routes. */
export class Bank {
  readonly id: ProviderId;
  readonly url: string;
  readonly chain: Chain;
  readonly database: FaultyDatabase;
  readonly store: ProcessDatabase;
  readonly #parts: ProviderParts;
  readonly #operator: SyncSigner;
  readonly #random: BankParts["random"];
  #provider: Provider;
  crashes = 0;

  private constructor(
    parts: ProviderParts,
    operator: SyncSigner,
    { store, random }: BankParts,
    database: FaultyDatabase,
    provider: Provider,
  ) {
    this.id = parts.identity.id;
    this.url = `http://${this.id}`;
    this.chain = parts.identity.chain;
    this.#parts = parts;
    this.#operator = operator;
    this.#random = random;
    this.store = store;
    this.database = database;
    this.#provider = provider;
  }

  static async open(of: BankParts): Promise<Bank> {
    const { institutions, clock, cryptography, random, trustedApp, store } = of;
    const [own, operator] = [cryptography.newSigner(random), cryptography.newSigner(random)];
    const id = institutionId(of.id);
    const chain = institutions.certifyProvider(id, own);
    const identity = { id, currency: EUR, chain, root: institutions.root };
    const signer = asynchronous(own);
    const database = new FaultyDatabase(store.database);
    const attestation = {
      oemRoots: [institutions.oemRoot],
      trustedApps: [trustedApp],
      trustedOses: [TOS],
      minimumLevel: 1,
    } as const;
    // So little that it has to be raised again and again.
    const settlement = { allowanceStep: 200_000n };
    const policy = { ...DEFAULT_POLICY, limits: TIGHT, attestation, settlement };
    const parts: ProviderParts = {
      identity,
      db: database,
      signer,
      verifier: { verify: (check) => Promise.resolve(cryptography.verifier.verify(check)) },
      issuer: certificateIssuer(identity, signer, policy),
      clock,
      random,
      policy,
      secret: random(32),
      operators: [operator.publicKey],
      centralBank: of.centralBank?.link(id),
    };
    return new Bank(parts, operator, of, database, unwrap(await createProvider(parts)));
  }

  /** Answers one request to its end; undefined: the process died over it, and was started again. */
  async serve(request: Request): Promise<Response | undefined> {
    return this.#alive(() => route(this.#provider, request));
  }

  /** Settles with the central bank; undefined: the process died over it, and was started again. */
  async settle(): Promise<Settlement | undefined> {
    const settled = await this.#alive(() => this.#provider.settle());
    return settled?.ok === true ? settled.value : undefined;
  }

  async #alive<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof BankCrash)) throw error;
      await this.restart();
      return undefined;
    }
  }

  async restart(): Promise<void> {
    this.crashes += 1;
    this.#provider = unwrap(await createProvider(this.#parts));
  }

  /** The signed order that funds a client, as a request. */
  funding(client: WalletId, x: bigint): Request {
    const order: OperatorOrder = {
      kind: "fund",
      orderId: this.#random(16),
      client,
      amount: amount(x),
    };
    const context = operatorContext({ id: this.id, currency: EUR });
    const body = operatorOrder.sign(order, context, this.#operator);
    return { method: "POST", path: "/operator/v1/orders", token: undefined, body };
  }

  now(): number {
    return this.#parts.clock.now();
  }

  audit(): ReturnType<Provider["audit"]> {
    return this.#provider.audit();
  }
}
