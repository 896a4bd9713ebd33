import { randomBytes } from "node:crypto";
import { asyncNodeVerifier } from "@bezant/pki/node";
import {
  amount,
  institutionId,
  unwrap,
  type Chain,
  type ProviderId,
  type SyncSigner,
  type WalletId,
} from "@bezant/protocol";
import type { Database } from "../../../src/database.ts";
import { createApp, DEFAULT_HTTP, type HttpOptions } from "../../../src/http/app.ts";
import {
  certificateIssuer,
  createProvider,
  DEFAULT_POLICY,
  operatorContext,
  operatorOrder,
  type CentralBank,
  type OperatorOrder,
  type Policy,
  type Provider,
  type ProviderParts,
} from "../../../src/index.ts";
import type { App } from "@bezant/service/http";
import { injected, type Http } from "@bezant/service/testing";
import {
  certifyProvider,
  EUR,
  foundInstitutions,
  foundManufacturer,
  makeDevice,
  newKey,
  TestClock,
  type Institutions,
  type Manufacturer,
} from "./institutions.ts";
import { TA_MEASUREMENT, TestTa, TOS_MEASUREMENT } from "./ta.ts";
import { TestWallet } from "./wallet.ts";

export { TestWallet, TestTa };
export { overSocket, Reply, type Http } from "@bezant/service/testing";
export * from "./institutions.ts";

export interface WorldOptions {
  readonly id?: string;
  readonly policy?: Partial<Policy>;
  readonly http?: Partial<HttpOptions>;
  /** To stand beside another provider. */
  readonly institutions?: Institutions;
  readonly manufacturer?: Manufacturer;
  readonly clock?: TestClock;
  readonly centralBank?: CentralBank;
  readonly oemVerifiers?: ProviderParts["oemVerifiers"];
  readonly otherProviders?: ProviderParts["otherProviders"];
  readonly providerAt?: ProviderParts["providerAt"];
  readonly address?: string;
}

/** A provider with everybody around it, on a real database. */
export interface World {
  readonly id: ProviderId;
  readonly db: Database;
  readonly provider: Provider;
  readonly parts: ProviderParts;
  readonly app: App;
  readonly http: Http;
  readonly clock: TestClock;
  readonly key: SyncSigner;
  readonly chain: Chain;
  readonly operator: SyncSigner;
  readonly institutions: Institutions;
  readonly manufacturer: Manufacturer;
  readonly wallet: (funds?: bigint) => Promise<TestWallet>;
  readonly walletWithTa: (funds?: bigint, deposited?: bigint) => Promise<[TestWallet, TestTa]>;
  readonly order: (order: OperatorOrder, key?: SyncSigner) => Uint8Array;
  readonly fund: (client: WalletId, x: bigint) => Promise<void>;
  readonly setStatus: (client: WalletId, status: "open" | "frozen" | "closed") => Promise<void>;
}

function testPolicy(manufacturer: Manufacturer): Policy {
  return {
    ...DEFAULT_POLICY,
    limits: {
      profile: 1,
      version: 1,
      maxHolding: amount(1_000_000n),
      maxPayment: amount(100_000n),
      maxCount: 1000,
      maxValue: amount(1_000_000n),
      noPinCap: amount(1_000_000n),
      uncheckedCap: amount(1_000_000n),
    },
    attestation: {
      oemRoots: [manufacturer.root],
      trustedApps: [{ measurement: TA_MEASUREMENT, version: 1 }],
      trustedOses: [{ measurement: TOS_MEASUREMENT, version: 1 }],
      minimumLevel: 2,
    },
  };
}

export async function makeWorld(db: Database, options: WorldOptions = {}): Promise<World> {
  const id = institutionId(options.id ?? "provider");
  const institutions = options.institutions ?? foundInstitutions();
  const manufacturer = options.manufacturer ?? foundManufacturer();
  const [key, operator] = [newKey(), newKey()];
  const chain = certifyProvider(institutions, id, key);
  const clock = options.clock ?? new TestClock();
  const policy = { ...testPolicy(manufacturer), ...options.policy };
  const identity = { id, currency: EUR, chain, root: institutions.root };
  const signer = {
    publicKey: key.publicKey,
    sign: async (m: Uint8Array) => Promise.resolve(key.sign(m)),
  };
  const parts: ProviderParts = {
    identity,
    db,
    signer,
    verifier: asyncNodeVerifier(),
    issuer: certificateIssuer(identity, signer, policy),
    clock,
    random: (length) => randomBytes(length),
    policy,
    secret: randomBytes(32),
    operators: [operator.publicKey],
    centralBank: options.centralBank,
    oemVerifiers: options.oemVerifiers,
    otherProviders: options.otherProviders,
    providerAt: options.providerAt,
    address: options.address,
  };
  const provider = unwrap(await createProvider(parts));
  const unlimited = { requestsPerMinute: 1_000_000, registrationsPerMinute: 1_000_000 };
  const app = await createApp(provider, db, { ...DEFAULT_HTTP, ...unlimited, ...options.http });
  const http = injected(() => app);

  const order: World["order"] = (content, orderKey = operator) =>
    operatorOrder.sign(content, operatorContext(identity), orderKey);
  const carryOut = async (content: OperatorOrder): Promise<void> => {
    (await http.cose("/operator/v1/orders", order(content))).bytes();
  };
  const orderId = (): Uint8Array => randomBytes(16);
  const fund: World["fund"] = (client, x) =>
    carryOut({ kind: "fund", orderId: orderId(), client, amount: amount(x) });
  const wallet: World["wallet"] = async (funds = 0n) => {
    const made = await new TestWallet(http, id, institutions.root).register();
    if (funds > 0n) await fund(made.id, funds);
    return made;
  };
  return {
    id,
    db,
    provider,
    parts,
    app,
    http,
    clock,
    key,
    chain,
    operator,
    institutions,
    manufacturer,
    wallet,
    walletWithTa: async (funds = 0n, deposited = 0n) => {
      const made = await wallet(funds);
      const ta = await made.registerTa(makeDevice(manufacturer));
      if (deposited > 0n) await made.deposit(ta, deposited);
      return [made, ta];
    },
    order,
    fund,
    setStatus: (client, status) =>
      carryOut({ kind: "set-status", orderId: orderId(), client, status }),
  };
}
