import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { asyncNodeVerifier } from "@bezant/pki/node";
import {
  amount,
  counter,
  institutionId,
  ok,
  unwrap,
  type Chain,
  type Limits,
  type ProviderId,
  type Refusal,
  type Result,
  type SyncSigner,
  type TaId,
  type WalletId,
} from "@bezant/protocol";
import {
  certificateIssuer,
  createProvider,
  DEFAULT_POLICY,
  httpProvider,
  operatorContext,
  operatorOrder,
  statusOrder,
  writeOffOrder,
  type WriteOffOrder,
  type Provider,
  startProvider,
  type CentralBank,
  type OperatorOrder,
  type OtherProvider,
  type Policy,
  type RunningProvider,
  type Settlement,
  type StatusOrder,
  type Supply,
} from "@bezant/provider";
import { measureTos } from "@bezant/tee";
import { openDatabase } from "@bezant/provider/db";
import type { VirtualClock } from "./clock.ts";
import { CrashPlan, unlessCrashed, watched } from "./crashes.ts";
import { TOS, trustedApp } from "./device.ts";
import { asSigner, EUR, newSigner, type Institutions } from "./institutions.ts";

export const LIMITS: Limits = {
  profile: 1,
  version: 1,
  maxHolding: amount(1_000_000n),
  maxPayment: amount(100_000n),
  maxCount: 10_000,
  maxValue: amount(100_000_000n),
  noPinCap: amount(100_000_000n),
  uncheckedCap: amount(100_000_000n),
};

export type ProviderSettings = {
  readonly id: string;
  readonly dataDir: string;
  readonly limits?: Limits;
  /** Where it settles. */
  readonly centralBank?: CentralBank | undefined;
  /** All providers of the network. */
  readonly others?: () => readonly NetworkProvider[];
};

export type Backup = { readonly folder: string };

/** A real provider: its own process of PostgreSQL, its HTTP interface on a port of this machine. */
export class NetworkProvider {
  readonly id: ProviderId;
  readonly #institutions: Institutions;
  readonly #clock: VirtualClock;
  readonly #settings: ProviderSettings;
  readonly #operator = newSigner();
  readonly #secret = randomBytes(32);
  #signer: SyncSigner = newSigner();
  #serial = 1;
  #earlier: readonly Chain[] = [];
  #running: RunningProvider | undefined;
  #port = 0;
  #institutionsPort = 0;

  constructor(institutions: Institutions, clock: VirtualClock, settings: ProviderSettings) {
    this.id = institutionId(settings.id);
    this.#institutions = institutions;
    this.#clock = clock;
    this.#settings = settings;
  }

  get url(): string {
    if (this.#port === 0) throw new Error("the provider was never started");
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Where it answers other institutions. */
  get institutionsUrl(): string {
    return `http://127.0.0.1:${this.#institutionsPort}`;
  }

  /** Starts, or starts again at the same address. */
  async start(): Promise<void> {
    const { centralBank: link } = this.#settings;
    const http = { requestsPerMinute: 1e6, registrationsPerMinute: 1e6 };
    this.#running = unwrap(
      await startProvider({
        identity: this.#identity(),
        signer: asSigner(this.#signer),
        policy: this.#policy(),
        operators: [this.#operator.publicKey],
        secret: this.#secret,
        database: { dataDir: this.#settings.dataDir },
        host: "127.0.0.1",
        port: this.#port,
        http: { ...http, trustProxy: false, log: undefined },
        clock: this.#clock,
        centralBank: link === undefined ? undefined : { link, everySeconds: 0 },
        institutions: { host: "127.0.0.1", port: this.#institutionsPort, tls: undefined },
        otherProviders: this.#others(),
      }),
    );
    const { url, institutionsUrl } = this.#running;
    this.#port = Number(new URL(url).port);
    this.#institutionsPort = Number(new URL(institutionsUrl ?? url).port);
  }

  /** The ways to the other providers, wherever they are served by then. */
  #others(): readonly OtherProvider[] {
    const { others = () => [] } = this.#settings;
    return others()
      .filter((one) => one !== this)
      .map((one) => ({
        id: one.id,
        askOutcome: (query) =>
          httpProvider(one.id, `http://127.0.0.1:${one.#institutionsPort}`, (url, request) =>
            fetch(url, request),
          ).askOutcome(query),
      }));
  }

  /** Stops it; what it knows is in its database. */
  async stop(): Promise<void> {
    await this.#running?.close();
    this.#running = undefined;
  }

  /** It signs with a new key from its next start on, and still knows what the old one certified. */
  rollOver(): void {
    this.#earlier = [...this.#earlier, this.chain()];
    this.changeKey();
  }

  /** It signs with a new key from its next start on, and has forgotten the old one. */
  changeKey(): void {
    this.#signer = newSigner();
    this.#serial += 1;
  }

  /** The key that it signs with, for whoever has stolen it. */
  get key(): SyncSigner {
    return this.#signer;
  }

  chain(): Chain {
    return this.#institutions.certifyProvider(this.id, this.#signer, this.#serial);
  }

  /** Credits a client's online balance. */
  fund(client: WalletId, x: bigint): Promise<void> {
    return this.order({ kind: "fund", orderId: randomBytes(16), client, amount: amount(x) });
  }

  async order(order: OperatorOrder): Promise<void> {
    const context = operatorContext({ id: this.id, currency: EUR });
    unwrap(await this.#provider.carryOut(operatorOrder.sign(order, context, this.#operator)));
  }

  /** Revokes a device, and publishes the list that says so. */
  async revoke(client: WalletId, subject: TaId): Promise<void> {
    await this.#orderStatus({ kind: "revoke", client, subject, reason: "lost" });
  }

  /** The operator has looked at a claim that waits, and lets it count. */
  async releaseClaim(client: WalletId, sender: TaId, j: number): Promise<void> {
    await this.#orderStatus({ kind: "release-claim", client, sender, j: counter(j) });
  }

  async #orderStatus(order: StatusOrder): Promise<void> {
    const context = operatorContext({ id: this.id, currency: EUR });
    unwrap(await this.#provider.carryOutStatus(statusOrder.sign(order, context, this.#operator)));
  }

  /** As after a restore from a backup: what was synchronised is gone, and it believes nobody until he synchronises. */
  async restoreFromBackup(): Promise<void> {
    const { databaseUrl, provider } = this.#running ?? fail();
    const db = unwrap(await openDatabase({ databaseUrl }));
    const lost = await db.transaction(async (transaction) => {
      await transaction.query("DELETE FROM synced_payments");
      await transaction.query("UPDATE tas SET stored = 0");
      return ok(undefined);
    });
    await db.close();
    unwrap(lost);
    unwrap(await provider.markRestored());
  }

  /** A copy of its database as it is now. */
  async backUp(): Promise<Backup> {
    const { dataDir } = this.#settings;
    const folder = `${dataDir}-backup-${randomBytes(4).toString("hex")}`;
    await this.stop();
    // With the owners: the database may run as another user.
    execFileSync("cp", ["-a", dataDir, folder]);
    await this.start();
    return { folder };
  }

  /** Loses everything that is younger than the backup, and is told so unless `isDeclared` is false. */
  async restore({ folder }: Backup, isDeclared = true): Promise<void> {
    const { dataDir } = this.#settings;
    await this.stop();
    rmSync(dataDir, { recursive: true });
    execFileSync("cp", ["-a", folder, dataDir]);
    await this.start();
    if (isDeclared) unwrap(await this.#provider.markRestored());
  }

  /** Settles with the central bank, as far as it can be reached. */
  async settle(): Promise<Settlement> {
    return unwrap(await this.#provider.settle());
  }

  /**
   * Settles in another process of the same provider, over the same database, which ends where it is planned to.
   * @param link another way to the central bank
   * @returns undefined: it crashed
   */
  settleCrashing(
    plan: CrashPlan,
    link = this.#settings.centralBank,
  ): Promise<Settlement | undefined> {
    return this.#crashing(plan, link, async (provider) => unwrap(await provider.settle()));
  }

  /** The operator gives up what a restore has lost. @returns undefined: it crashed */
  writeOff(
    order: WriteOffOrder,
    plan = new CrashPlan(),
  ): Promise<Result<WriteOffOrder, Refusal> | undefined> {
    const context = operatorContext({ id: this.id, currency: EUR });
    const body = writeOffOrder.sign(order, context, this.#operator);
    return this.#crashing(plan, this.#settings.centralBank, (provider) => provider.writeOff(body));
  }

  /** Does something in another process of the same provider, over the same database. @returns undefined: it crashed */
  async #crashing<T>(
    plan: CrashPlan,
    link: CentralBank | undefined,
    work: (provider: Provider) => Promise<T>,
  ): Promise<T | undefined> {
    const { databaseUrl } = this.#running ?? fail();
    const db = unwrap(await openDatabase({ databaseUrl }));
    const [identity, signer, policy] = [this.#identity(), asSigner(this.#signer), this.#policy()];
    try {
      return await unlessCrashed(async () => {
        const provider = unwrap(
          await createProvider({
            identity,
            signer,
            policy,
            db: watched(db, plan),
            verifier: asyncNodeVerifier(),
            issuer: certificateIssuer(identity, signer, policy),
            clock: this.#clock,
            random: randomBytes,
            secret: this.#secret,
            operators: [this.#operator.publicKey],
            centralBank: link && {
              post: (route, body) => plan.pass(() => link.post(route, body)),
            },
          }),
        );
        return work(provider);
      });
    } finally {
      await db.close();
    }
  }

  /** The supply audit of its ledger. */
  async audit(): Promise<Supply> {
    return unwrap(await this.#provider.audit());
  }

  async online(client: WalletId): Promise<bigint> {
    return unwrap(await this.#provider.balance(client)).online;
  }

  #identity() {
    const { root } = this.#institutions;
    return { id: this.id, currency: EUR, chain: this.chain(), earlier: this.#earlier, root };
  }

  get #provider() {
    return (this.#running ?? fail()).provider;
  }

  #policy(): Policy {
    const { oemRoot } = this.#institutions;
    return {
      ...DEFAULT_POLICY,
      limits: this.#settings.limits ?? LIMITS,
      attestation: {
        oemRoots: [oemRoot],
        trustedApps: [trustedApp],
        trustedOses: [TOS, measureTos()],
        minimumLevel: 1,
      },
    };
  }
}

function fail(): never {
  throw new Error("the provider is not running");
}
