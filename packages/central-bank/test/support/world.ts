import { randomBytes } from "node:crypto";
import { asyncNodeVerifier, generatePrivateKey, nodeSigner, nodeVerifier } from "@bezant/pki/node";
import {
  allowance,
  allowanceRequest,
  amount,
  centralBankVerify,
  concatBytes,
  counter,
  currency,
  decodeSequence,
  digestOfDigests,
  digestPage,
  encode,
  FLOW_KINDS,
  institutionId,
  institutionStatus,
  institutionToAnybody,
  interbankAnswer,
  interbankPayment,
  MAX_ENTRY_SECONDS,
  MAX_MESSAGE,
  netPosition,
  paginate,
  paymentAdvice,
  paymentReturn,
  providerEntry,
  reportDigest,
  reported,
  reserveOrder,
  runChecks,
  seconds,
  settlementQuery,
  settlementReport,
  settlementStatement,
  signCertificate,
  betweenInstitutions,
  TrustStore,
  unwrap,
  walletId,
  type Chain,
  type Claims,
  type Flows,
  type InstitutionStatus,
  type InterbankPayment,
  type Message,
  type PaymentReturn,
  type ProviderEntry,
  type ProviderId,
  type Refusal,
  type ReserveOrder,
  type Result,
  type Root,
  type Seconds,
  type SettlementQuery,
  type SettlementReport,
  type SyncSigner,
} from "@bezant/protocol";
import type { Database } from "@bezant/service/db";
import { createCentralBank, type CentralBank, type CentralBankParts } from "../../src/index.ts";

export const EUR = currency("EUR");
const START = seconds(1_800_000_000);
const YEAR = 365 * 24 * 60 * 60;
export const CB = institutionId("cb");

export const newKey = (): SyncSigner => nodeSigner(generatePrivateKey());

/** A clock that only the test moves. */
export class TestClock {
  #now: Seconds = START;
  now = (): Seconds => this.#now;
  advance(by: number): void {
    this.#now = seconds(this.#now + by);
  }
}

export interface Institutions {
  readonly root: Root;
  readonly certify: (claims: Partial<Claims>, issuer?: "root" | "intermediary") => Uint8Array;
  readonly intermediary: Uint8Array;
  /** A status list, of the root's or of the intermediary's. */
  readonly list: (issuer: "root" | "intermediary", status: InstitutionStatus) => Uint8Array;
}

export function foundInstitutions(): Institutions {
  const rootKey = newKey();
  const intermediaryKey = newKey();
  const validity = { nbf: seconds(START - YEAR), exp: seconds(START + 10 * YEAR) };
  const certify: Institutions["certify"] = (claims, issuer = "root") =>
    signCertificate(
      {
        iss: institutionId(issuer === "root" ? "cb" : "inter"),
        currency: EUR,
        serial: 1,
        ...validity,
        ...claims,
      } as Claims,
      issuer === "root" ? rootKey : intermediaryKey,
    );
  const intermediary = certify({
    role: "intermediary",
    sub: institutionId("inter"),
    key: intermediaryKey.publicKey.compressed,
  });
  const list: Institutions["list"] = (issuer, status) => {
    const isRoot = issuer === "root";
    const institution = isRoot ? CB : institutionId("inter");
    const context = institutionToAnybody({ currency: EUR, institution });
    const attached = isRoot ? {} : { certificate: intermediary };
    return institutionStatus.sign(status, context, isRoot ? rootKey : intermediaryKey, attached);
  };
  return { root: { id: CB, key: rootKey.publicKey }, certify, intermediary, list };
}

const noFlows: Flows = {
  deposits: amount(0n),
  withdrawals: amount(0n),
  claims: amount(0n),
  returns: amount(0n),
  reconciledOut: amount(0n),
  reconciledIn: amount(0n),
  refunds: amount(0n),
};

export type AnyFlows = Partial<Record<keyof Flows, bigint>>;

export function flowsOf(some: AnyFlows): Flows {
  const all = Object.entries(some).map(([kind, x]) => [kind, amount(x)]);
  return { ...noFlows, ...(Object.fromEntries(all) as Partial<Flows>) };
}

function add(a: Flows, b: Flows): Flows {
  return Object.fromEntries(
    FLOW_KINDS.map((kind) => [kind, amount(a[kind] + b[kind])]),
  ) as unknown as Flows;
}

/** A provider as the central bank knows it: a key, a chain, and what it has reported. */
export class TestProvider {
  readonly id: ProviderId;
  readonly key = newKey();
  readonly chain: Chain;
  readonly #trust: TrustStore;
  readonly #clock: TestClock;
  #last: SettlementReport | undefined;
  #entries = 0;

  /** @param changes of what its certificate says */
  constructor(
    id: string,
    { certify, intermediary, root }: Institutions,
    clock: TestClock,
    changes: Partial<Claims> = {},
  ) {
    this.id = institutionId(id);
    const claims = { role: "provider", sub: this.id, key: this.key.publicKey.compressed } as const;
    this.chain = [certify({ ...claims, ...changes }, "intermediary"), intermediary];
    this.#trust = new TrustStore({ root, currency: EUR });
    this.#clock = clock;
  }

  sign<P>(message: Message<P>, payload: NoInfer<P>, audience = CB): Uint8Array {
    const context = betweenInstitutions({ currency: EUR, signer: this.id, audience });
    return message.sign(payload, context, this.key, { chain: this.chain });
  }

  /** The next report, with its pages. */
  report(
    flows: AnyFlows,
    certificates: readonly Uint8Array[] = [],
    confirmations: readonly Uint8Array[] = [],
    changes: Partial<SettlementReport> = {},
  ): Uint8Array {
    const before = this.#last;
    const payload: SettlementReport = {
      n: counter((before?.n ?? 0) + 1),
      flows: flowsOf(flows),
      totals: add(before?.totals ?? noFlows, flowsOf(flows)),
      certificates: certificates.length,
      certificatesDigest: digestOfDigests(certificates),
      confirmations: confirmations.length,
      confirmationsDigest: digestOfDigests(confirmations),
      previous:
        before === undefined
          ? new Uint8Array(32)
          : reportDigest(encode(settlementReport.payload, before)),
      ...changes,
    };
    if (Object.keys(changes).length === 0) this.#last = payload;
    const pages = paginate(certificates, confirmations).map((page) => encode(digestPage, page));
    return concatBytes(this.sign(settlementReport, payload), ...pages);
  }

  payment(payee: TestProvider, x: bigint, changes: Partial<InterbankPayment> = {}): Uint8Array {
    return this.sign(interbankPayment, {
      instruction: randomBytes(16),
      payer: wallet(1),
      payeeProvider: payee.id,
      payee: wallet(2),
      amount: amount(x),
      ...changes,
    });
  }

  giveBack(payload: PaymentReturn): Uint8Array {
    return this.sign(paymentReturn, payload);
  }

  wants(x: bigint): Uint8Array {
    return this.sign(allowanceRequest, { amount: amount(x) });
  }

  /** Its next entry in the directory. */
  enters(changes: Partial<ProviderEntry> = {}): Uint8Array {
    const at = this.#clock.now();
    this.#entries += 1;
    const address = `https://${this.id}.example:8082`;
    const end = seconds(at + MAX_ENTRY_SECONDS);
    return this.sign(providerEntry, { sequence: this.#entries, at, end, address, ...changes });
  }

  asks(query: WithoutTime<SettlementQuery>): Uint8Array {
    return this.sign(settlementQuery, { ...query, at: this.#clock.now() });
  }

  /** What the central bank said to this provider, as this provider verifies it. */
  hears<P>(message: Message<P>, bytes: Uint8Array): P {
    const input = { trust: this.#trust, now: this.#clock.now(), audience: this.id };
    return unwrap(runChecks(unwrap(centralBankVerify(message, bytes, input)), nodeVerifier()))
      .payload;
  }

  hearsAll<P>(message: Message<P>, bytes: Uint8Array): P[] {
    const items = unwrap(decodeSequence(bytes, { maxItems: 256, maxItemSize: MAX_MESSAGE }));
    return items.map((item) => this.hears(message, item));
  }
}

type WithoutTime<T> = T extends SettlementQuery ? Omit<T, "at"> : never;
type Unnumbered<T> = T extends ReserveOrder ? Omit<T, "orderId"> : never;
export type AnyOrder = Unnumbered<ReserveOrder>;

export function wallet(n: number): ReturnType<typeof walletId> {
  return walletId(n.toString(16).padStart(64, "0"));
}

/** A central bank with everybody around it, on a real database. */
export class World {
  readonly clock = new TestClock();
  readonly institutions = foundInstitutions();
  readonly operator = newKey();
  readonly signer = newKey();
  readonly a = new TestProvider("bank-a", this.institutions, this.clock);
  readonly b = new TestProvider("bank-b", this.institutions, this.clock);
  bank!: CentralBank;

  static async on(db: Database): Promise<World> {
    const world = new World();
    world.bank = unwrap(await createCentralBank(world.parts(db)));
    return world;
  }

  parts(db: Database): CentralBankParts {
    const { certify, root } = this.institutions;
    const key = this.signer.publicKey.compressed;
    const certificate = certify({ role: "central-bank", sub: CB, key });
    return {
      identity: { id: CB, currency: EUR, certificate, root },
      db,
      signer: {
        publicKey: this.signer.publicKey,
        sign: (message) => Promise.resolve(this.signer.sign(message)),
      },
      verifier: asyncNodeVerifier(),
      clock: this.clock,
      operators: [this.operator.publicKey],
    };
  }

  signOrder(order: ReserveOrder, key = this.operator): Uint8Array {
    const context = betweenInstitutions({ currency: EUR, signer: CB, audience: CB });
    return reserveOrder.sign(order, context, key);
  }

  async order(order: AnyOrder): Promise<Result<ReserveOrder, Refusal>> {
    const orderId = randomBytes(16);
    return this.bank.carryOut(this.signOrder({ ...order, orderId }));
  }

  /** Both providers open, with reserves, and allowances out of them. */
  async open(reserves = 1000n, allowed = 500n): Promise<this> {
    for (const { id: provider } of [this.a, this.b]) {
      unwrap(await this.order({ kind: "open", provider, limit: amount(100_000n) }));
      unwrap(await this.order({ kind: "issue", provider, amount: amount(reserves) }));
      unwrap(await this.order({ kind: "allow", provider, amount: amount(allowed) }));
    }
    return this;
  }

  async closeWindow(): Promise<void> {
    const window = unwrap(await this.bank.openWindow());
    unwrap(await this.order({ kind: "close-window", window: counter(Number(window)) }));
  }

  /** Reserves and prefund of a provider. */
  async balances(provider: TestProvider): Promise<[bigint, bigint]> {
    const { reserves, prefund } = await this.status(provider);
    return [reserves, prefund];
  }

  async status(provider: TestProvider) {
    const bytes = unwrap(await this.bank.query(provider.asks({ kind: "status" })));
    const [statement] = unwrap(decodeSequence(bytes, { maxItems: 2, maxItemSize: MAX_MESSAGE }));
    return provider.hears(settlementStatement, statement ?? new Uint8Array());
  }

  async advices(provider: TestProvider, after = 0) {
    const query = provider.asks({ kind: "advices", after: counter(after) });
    return provider.hearsAll(paymentAdvice, unwrap(await this.bank.query(query)));
  }
}

export { allowance, interbankAnswer, netPosition, reported };
