import { randomBytes } from "node:crypto";
import { startCentralBank, type RunningCentralBank, type Supply } from "@bezant/central-bank";
import {
  amount,
  err,
  refusal,
  reserveOrder,
  toCentralBank,
  unwrap,
  type InstitutionId,
  type ProviderId,
  type ReserveOrder,
} from "@bezant/protocol";
import { httpCentralBank, type CentralBank } from "@bezant/provider";
import type { VirtualClock } from "./clock.ts";
import { asSigner, EUR, newSigner, type Institutions } from "./institutions.ts";

/** What one provider's prefunding may hold at once. */
const PREFUND_LIMIT = amount(1_000_000_000_000n);

type Unnumbered<T> = T extends ReserveOrder ? Omit<T, "orderId"> : never;

/** A real central bank: its own process of PostgreSQL, its HTTP interface on a port of this machine. */
export class NetworkCentralBank {
  readonly #institutions: Institutions;
  readonly #clock: VirtualClock;
  readonly #dataDir: string;
  readonly #operator = newSigner();
  readonly #signer = newSigner();
  #running: RunningCentralBank | undefined;
  #port = 0;
  #answersUntilCrash = -1;

  constructor(institutions: Institutions, clock: VirtualClock, dataDir: string) {
    this.#institutions = institutions;
    this.#clock = clock;
    this.#dataDir = dataDir;
  }

  /** Starts, or starts again at the same address. */
  async start(): Promise<void> {
    const certificate = this.#institutions.certifyCentralBank(this.#signer);
    const { root } = this.#institutions;
    const http = { requestsPerMinute: 1e6, trustProxy: false, log: undefined };
    this.#running = unwrap(
      await startCentralBank({
        identity: { id: this.id, currency: EUR, certificate, root },
        signer: asSigner(this.#signer),
        operators: [this.#operator.publicKey],
        database: { dataDir: this.#dataDir },
        host: "127.0.0.1",
        port: this.#port,
        http,
        clock: this.#clock,
      }),
    );
    this.#port = Number(new URL(this.#running.url).port);
  }

  /** Stops it; what it knows is in its database. */
  async stop(): Promise<void> {
    await this.#running?.close();
    this.#running = undefined;
  }

  get id(): InstitutionId {
    return this.#institutions.centralBank;
  }

  /** The way to it; nobody answers while it is stopped. */
  readonly link: CentralBank = {
    post: async (route, body) => {
      const way = httpCentralBank(`http://127.0.0.1:${this.#port}`, (url, request) =>
        fetch(url, request),
      );
      const isLost = this.#answersUntilCrash === 0;
      this.#answersUntilCrash -= 1;
      const answer = await way.post(route, body);
      if (!isLost) return answer;
      await this.stop();
      await this.start();
      return err(refusal("settlement-unreachable", "the answer was lost"));
    },
  };

  /** After so many answers it does what it is asked, ends before it says so, and starts again. */
  crashAfter(answers: number): void {
    this.#answersUntilCrash = answers;
  }

  open(provider: ProviderId): Promise<void> {
    return this.#order({ kind: "open", provider, limit: PREFUND_LIMIT });
  }

  issue(provider: ProviderId, x: bigint): Promise<void> {
    return this.#order({ kind: "issue", provider, amount: amount(x) });
  }

  /** Posts all reports that were accepted since the last closing. */
  async closeWindow(): Promise<void> {
    const bank = this.#bank;
    unwrap(await bank.closeWindow(unwrap(await bank.openWindow())));
  }

  async audit(): Promise<Supply> {
    return unwrap(await this.#bank.audit());
  }

  async #order(order: Unnumbered<ReserveOrder>): Promise<void> {
    const parties = { currency: EUR, signer: this.id, centralBank: this.id };
    const content = { ...order, orderId: randomBytes(16) } as ReserveOrder;
    const message = reserveOrder.sign(content, toCentralBank(parties), this.#operator);
    unwrap(await this.#bank.carryOut(message));
  }

  get #bank() {
    if (this.#running === undefined) throw new Error("the central bank is not running");
    return this.#running.centralBank;
  }
}
