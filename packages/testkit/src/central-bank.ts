import { randomBytes } from "node:crypto";
import {
  createCentralBank,
  startCentralBank,
  type RunningCentralBank,
  type Supply,
} from "@bezant/central-bank";
import { openDatabase } from "@bezant/central-bank/db";
import { asyncNodeVerifier } from "@bezant/pki/node";
import {
  amount,
  err,
  refusal,
  reserveOrder,
  betweenInstitutions,
  unwrap,
  type InstitutionId,
  type ProviderId,
  type ReserveOrder,
} from "@bezant/protocol";
import { httpCentralBank, type CentralBank } from "@bezant/provider";
import type { VirtualClock } from "./clock.ts";
import { unlessCrashed, watched, type CrashPlan } from "./crashes.ts";
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

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Starts, or starts again at the same address. */
  async start(): Promise<void> {
    const http = { requestsPerMinute: 1e6, trustProxy: false, log: undefined };
    this.#running = unwrap(
      await startCentralBank({
        identity: this.#identity(),
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

  /** Whether nobody gets through to it, although it runs. */
  isAway = false;
  /** Every report that arrived, as it arrived. */
  readonly reports: Uint8Array[] = [];

  /**
   * Another process of the same service, over the same database, which ends where it is planned to; then nobody answers
   * until the plan is another one.
   */
  async crashing(plan: CrashPlan): Promise<{
    readonly link: CentralBank;
    /** False: it ended before it said so. */
    readonly closeWindow: () => Promise<boolean>;
    readonly close: () => Promise<void>;
  }> {
    const { databaseUrl } = this.#running ?? fail();
    const db = unwrap(await openDatabase({ databaseUrl }));
    const bank = unwrap(
      await createCentralBank({
        identity: this.#identity(),
        signer: asSigner(this.#signer),
        verifier: asyncNodeVerifier(),
        operators: [this.#operator.publicKey],
        db: watched(db, plan),
        clock: this.#clock,
      }),
    );
    const answers = {
      reports: bank.report,
      allowances: bank.requestAllowance,
      payments: bank.pay,
      returns: bank.giveBack,
      queries: bank.query,
    };
    const lost = err(refusal("settlement-unreachable", "it has ended"));
    return {
      link: {
        post: async (route, body) => {
          if (route === "reports") this.reports.push(body);
          return (await unlessCrashed(() => plan.pass(() => answers[route](body)))) ?? lost;
        },
      },
      closeWindow: async () => {
        const closed = await unlessCrashed(async () =>
          bank.closeWindow(unwrap(await bank.openWindow())),
        );
        if (closed?.ok === false) throw new Error(closed.error.code);
        return closed !== undefined;
      },
      close: () => db.close(),
    };
  }

  /** Sends again whatever reports there were, the last ones first. */
  async repeatReports(): Promise<void> {
    for (const body of this.reports.toReversed()) unwrap(await this.#bank.report(body));
  }

  /** The way to it; nobody answers while it is stopped. */
  readonly link: CentralBank = {
    post: async (route, body) => {
      const way = httpCentralBank(`http://127.0.0.1:${this.#port}`, (url, request) =>
        fetch(url, request),
      );
      if (this.isAway) return err(refusal("settlement-unreachable", "away"));
      if (route === "reports") this.reports.push(body);
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

  redeem(provider: ProviderId, x: bigint): Promise<void> {
    return this.#order({ kind: "redeem", provider, amount: amount(x) });
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
    const parties = { currency: EUR, signer: this.id, audience: this.id };
    const content = { ...order, orderId: randomBytes(16) } as ReserveOrder;
    const message = reserveOrder.sign(content, betweenInstitutions(parties), this.#operator);
    unwrap(await this.#bank.carryOut(message));
  }

  #identity() {
    const certificate = this.#institutions.certifyCentralBank(this.#signer);
    return { id: this.id, currency: EUR, certificate, root: this.#institutions.root };
  }

  get #bank() {
    return (this.#running ?? fail()).centralBank;
  }
}

function fail(): never {
  throw new Error("the central bank is not running");
}
