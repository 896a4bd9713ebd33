import {
  createCentralBank,
  type CentralBank as Service,
  type CentralBankParts,
  type Supply,
} from "@bezant/central-bank";
import {
  amount,
  err,
  refusal,
  reserveOrder,
  betweenInstitutions,
  unwrap,
  type ProviderId,
  type Refusal,
  type ReserveOrder,
  type Result,
  type SyncSigner,
} from "@bezant/protocol";
import type { CentralBank, CentralBankRoute } from "@bezant/provider";
import type { VirtualClock } from "../clock.ts";
import { EUR, type Institutions } from "../institutions.ts";
import { asynchronous, type SimulatedCryptography } from "./cryptography.ts";
import { BankCrash, FaultyDatabase } from "./database.ts";
import type { ProcessDatabase } from "./pglite.ts";

/** What every provider is issued at first, and what its prefunding may hold. */
export const RESERVES = 1_000_000_000n;
const PREFUND_LIMIT = amount(1_000_000_000_000n);

/** What happens to a message of a provider; `stale`: an earlier one comes once more, and before it. */
export const LINK_FAULTS = ["lost-request", "lost-answer", "twice", "stale"] as const;
export type LinkFault = (typeof LINK_FAULTS)[number];

type Message = { readonly route: CentralBankRoute; readonly body: Uint8Array };
type Unnumbered<T> = T extends ReserveOrder ? Omit<T, "orderId"> : never;

const REMEMBERED = 60;

export type CentralBankOptions = {
  readonly institutions: Institutions;
  readonly clock: VirtualClock;
  readonly cryptography: SimulatedCryptography;
  readonly random: (length: number) => Uint8Array;
  readonly store: ProcessDatabase;
};

/** The central bank: its real operations over a PostgreSQL in this process, and the way that providers have to it. */
export class SimulatedCentralBank {
  readonly database: FaultyDatabase;
  crashes = 0;
  /** Messages that have reached it. */
  delivered = 0;
  readonly #options: CentralBankOptions;
  readonly #parts: CentralBankParts;
  readonly #operator: SyncSigner;
  readonly #seen: Message[] = [];
  readonly #planned = new Map<ProviderId, { readonly fault: LinkFault; after: number }>();
  #service!: Service;

  private constructor(options: CentralBankOptions) {
    const { institutions, clock, cryptography, random, store } = options;
    const signer = cryptography.newSigner(random);
    this.#options = options;
    this.#operator = cryptography.newSigner(random);
    this.database = new FaultyDatabase(store.database);
    const certificate = institutions.certifyCentralBank(signer);
    const { root, centralBank: id } = institutions;
    this.#parts = {
      identity: { id, currency: EUR, certificate, root },
      db: this.database,
      signer: asynchronous(signer),
      verifier: { verify: (check) => Promise.resolve(cryptography.verifier.verify(check)) },
      clock,
      operators: [this.#operator.publicKey],
    };
  }

  static async open(options: CentralBankOptions): Promise<SimulatedCentralBank> {
    const bank = new SimulatedCentralBank(options);
    await bank.#start();
    return bank;
  }

  /** A provider's way to it: what is lost or comes again on it is planned. */
  link(provider: ProviderId): CentralBank {
    return {
      post: async (route, body) => {
        const fault = this.#next(provider);
        this.#remember({ route, body });
        if (fault === "lost-request") return unreachable();
        const stale = this.#seen[0];
        if (fault === "stale" && stale !== undefined) await this.#post(stale);
        if (fault === "twice") await this.#post({ route, body });
        const answer = await this.#post({ route, body });
        return fault === "lost-answer" ? unreachable() : answer;
      },
    };
  }

  /** The message of this provider after so many meets this fault. */
  plan(provider: ProviderId, fault: LinkFault, after: number): void {
    this.#planned.set(provider, { fault, after });
  }

  mend(): void {
    this.#planned.clear();
    this.database.mend();
  }

  /** Opens accounts for a provider, and issues reserves to it. */
  async admit(provider: ProviderId): Promise<void> {
    await this.#order({ kind: "open", provider, limit: PREFUND_LIMIT });
    await this.#order({ kind: "issue", provider, amount: amount(RESERVES) });
  }

  /** Posts all reports of the window; false: it died over it, or its database did not answer. */
  async closeWindow(): Promise<boolean> {
    const closed = await this.#alive(async () => {
      const open = await this.#service.openWindow();
      return open.ok ? this.#service.closeWindow(open.value) : open;
    });
    return closed?.ok === true;
  }

  async audit(): Promise<Supply> {
    return unwrap(await this.#service.audit());
  }

  async #order(order: Unnumbered<ReserveOrder>): Promise<void> {
    const { id } = this.#parts.identity;
    const context = betweenInstitutions({ currency: EUR, signer: id, audience: id });
    const content = { ...order, orderId: this.#options.random(16) } as ReserveOrder;
    unwrap(await this.#service.carryOut(reserveOrder.sign(content, context, this.#operator)));
  }

  async #post({ route, body }: Message): Promise<Result<Uint8Array, Refusal>> {
    this.delivered += 1;
    return (await this.#alive(() => this.#serve(route, body))) ?? unreachable();
  }

  #serve(route: CentralBankRoute, body: Uint8Array): Promise<Result<Uint8Array, Refusal>> {
    const service = this.#service;
    switch (route) {
      case "reports":
        return service.report(body);
      case "allowances":
        return service.requestAllowance(body);
      case "payments":
        return service.pay(body);
      case "returns":
        return service.giveBack(body);
      case "queries":
        return service.query(body);
    }
  }

  /** Undefined: the process died over it, and was started again. */
  async #alive<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof BankCrash)) throw error;
      this.crashes += 1;
      await this.#start();
      return undefined;
    }
  }

  async #start(): Promise<void> {
    this.#service = unwrap(await createCentralBank(this.#parts));
  }

  #remember(message: Message): void {
    this.#seen.push(message);
    if (this.#seen.length > REMEMBERED) this.#seen.shift();
  }

  #next(provider: ProviderId): LinkFault | undefined {
    const planned = this.#planned.get(provider);
    if (planned === undefined) return undefined;
    if (planned.after > 0) {
      planned.after -= 1;
      return undefined;
    }
    this.#planned.delete(provider);
    return planned.fault;
  }
}

function unreachable(): Result<never, Refusal> {
  return err(refusal("settlement-unreachable", "planned"));
}
