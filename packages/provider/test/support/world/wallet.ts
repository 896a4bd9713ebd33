import {
  amount,
  counter,
  declineOrder,
  decode,
  depositRequest,
  holderToHome,
  onlinePaymentOrder,
  registration,
  registrationAnswer,
  taRegistration,
  taRegistrationAnswer,
  tokenRequest,
  unwrap,
  walletIdOf,
  type Chain,
  type Message,
  type ProviderId,
  type Root,
  type SyncSigner,
  type TaId,
  type WalletId,
} from "@bezant/protocol";
import type { Http, Reply } from "@bezant/service/testing";
import { EUR, newKey, type Device } from "./institutions.ts";
import { TestTa } from "./ta.ts";

/** A wallet that speaks to a provider over HTTP, with what it has signed at hand. */
export class TestWallet {
  readonly key: SyncSigner;
  readonly http: Http;
  readonly home: ProviderId;
  readonly root: Root;
  certificate = new Uint8Array();
  chain: Chain | undefined;

  constructor(http: Http, home: ProviderId, root: Root, key = newKey()) {
    this.http = http;
    this.home = home;
    this.root = root;
    this.key = key;
  }

  get id(): WalletId {
    return walletIdOf(this.home, this.key.publicKey);
  }

  /** As the receiver of a payment. */
  get payee() {
    return { receiver: this.id, receiverClass: "wallet" } as const;
  }

  say<P>(message: Message<P>, payload: P, key = this.key): Uint8Array {
    const context = holderToHome({ currency: EUR, home: this.home, signer: this.id });
    return message.sign(payload, context, key);
  }

  registration(): Uint8Array {
    return this.say(registration, { key: this.key.publicKey.compressed });
  }

  async register(): Promise<this> {
    const reply = await this.http.cose("/v1/clients", this.registration());
    const [certificate, chain] = unwrap(decode(registrationAnswer, reply.bytes()));
    this.certificate = certificate as Uint8Array<ArrayBuffer>;
    this.chain = chain;
    return this;
  }

  async challenge(purpose: "attest" | "token"): Promise<Uint8Array> {
    const reply = await this.http.json(`/v1/clients/${this.id}/challenges`, { purpose });
    return Buffer.from((reply.json() as { nonce: string }).nonce, "hex");
  }

  taRegistration(evidence: Uint8Array): Uint8Array {
    return this.say(taRegistration, { evidence });
  }

  async registerTa(device: Device, ta = new TestTa(device, this.home, this.root)): Promise<TestTa> {
    const evidence = ta.attest(await this.challenge("attest"));
    const reply = await this.post("tas", this.taRegistration(evidence));
    const [certificate, chain] = unwrap(decode(taRegistrationAnswer, reply.bytes()));
    ta.certificate = certificate as Uint8Array<ArrayBuffer>;
    ta.chain = chain;
    return ta;
  }

  depositRequest(reservation: Uint8Array): Uint8Array {
    return this.say(depositRequest, { reservation });
  }

  /** Deposits and lets the TA apply what comes back. */
  async deposit(ta: TestTa, x: bigint): Promise<void> {
    const reply = await this.post("deposits", this.depositRequest(ta.reserve(x)));
    ta.apply(reply.bytes());
  }

  async withdraw(ta: TestTa, x: bigint): Promise<void> {
    const reply = await this.post("withdrawals", ta.withdraw(x));
    ta.acknowledge(reply.bytes());
  }

  order(receiver: WalletId, x: bigint, orderId: Uint8Array): Uint8Array {
    return this.say(onlinePaymentOrder, { amount: amount(x), receiver, orderId });
  }

  declineOrder(sender: TaId, j: number, x: bigint): Uint8Array {
    return this.say(declineOrder, { sender, j: counter(j), amount: amount(x) });
  }

  tokenRequest(nonce: Uint8Array): Uint8Array {
    return this.say(tokenRequest, { nonce });
  }

  async token(): Promise<string> {
    const reply = await this.post("tokens", this.tokenRequest(await this.challenge("token")));
    return (reply.json() as { token: string }).token;
  }

  async online(): Promise<bigint> {
    const reply = await this.get("balance");
    return BigInt((reply.json() as { online: string }).online);
  }

  async get(path: string, token?: string): Promise<Reply> {
    return this.http.get(`/v1/clients/${this.id}/${path}`, token ?? (await this.token()));
  }

  post(path: string, body: Uint8Array): Promise<Reply> {
    const isSequence = path === "refunds" || path === "syncs";
    const url = `/v1/clients/${this.id}/${path}`;
    return isSequence ? this.http.sequence(url, body) : this.http.cose(url, body);
  }
}
