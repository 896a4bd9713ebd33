import {
  amount,
  attach,
  counter,
  decodeSequence,
  depositConfirmation,
  depositReservation,
  deviceIdOf,
  evidence,
  holderToHome,
  homeVerify,
  MAX_MESSAGE,
  outcome,
  payeeToAnybody,
  payment,
  paymentContext,
  retirement,
  runChecks,
  seconds,
  sha256,
  syncRequest,
  syncResponse,
  taIdOf,
  thumbprint,
  TrustStore,
  unwrap,
  withdrawal,
  withdrawalAcknowledgement,
  type Chain,
  type DepositConfirmation,
  type Message,
  type Payment,
  type ProviderId,
  type Root,
  type SyncRequest,
  type SyncSigner,
  type TaId,
} from "@bezant/protocol";
import { nodeVerifier } from "@bezant/pki/node";
import { EUR, newKey, START, type Device } from "./institutions.ts";

export const TA_CODE = new TextEncoder().encode("the TA of these tests");
export const TA_MEASUREMENT = sha256(TA_CODE);
export const TOS_MEASUREMENT = sha256(new TextEncoder().encode("the trusted OS of these tests"));

/**
 * A TA as its provider sees it: it keeps the sequences and totals of protocol document §13 and believes only what its
 * home provider has signed. Limits, PIN and requests are no matter here.
 */
export class TestTa {
  readonly key: SyncSigner = newKey();
  readonly device: Device;
  readonly home: ProviderId;
  readonly root: Root;
  certificate = new Uint8Array();
  chain: Chain | undefined;
  balance = 0n;
  d = 0;
  w = 0;
  j = 0;
  r = 0;
  time = 0;
  depositDigest: Uint8Array = new Uint8Array(32);
  acknowledged = 0;
  totals = { deposited: 0n, withdrawn: 0n, paid: 0n, collected: 0n };

  constructor(device: Device, home: ProviderId, root: Root) {
    this.device = device;
    this.home = home;
    this.root = root;
  }

  get id(): TaId {
    return taIdOf(this.key.publicKey);
  }

  attest(nonce: Uint8Array, changes: { level?: 1 | 2 | 3; debug?: number; version?: number } = {}) {
    const id = deviceIdOf(this.device.key.publicKey);
    return evidence.sign(
      {
        key: this.key.publicKey.compressed,
        nonce,
        device: id,
        debug: changes.debug ?? 2,
        measurements: {
          taMeasurement: TA_MEASUREMENT,
          taVersion: changes.version ?? 1,
          tosMeasurement: TOS_MEASUREMENT,
          tosVersion: 1,
          securityLevel: changes.level ?? this.device.level,
          anchor: thumbprint(this.root.key),
        },
      },
      { currency: "", home: "", signer: id, audience: this.home },
      this.device.key,
      { certificate: this.device.certificate },
    );
  }

  /** Signs anything as this TA, for its home provider. */
  say<P>(message: Message<P>, payload: P, key = this.key): Uint8Array {
    const context = holderToHome({ currency: EUR, home: this.home, signer: this.id });
    return message.sign(payload, context, key);
  }

  reserve(x: bigint, d = this.d + 1): Uint8Array {
    return this.say(depositReservation, { amount: amount(x), d: counter(d) });
  }

  /** Applies a CBOR sequence of confirmations, as many of them as are new. */
  apply(sequence: Uint8Array): DepositConfirmation[] {
    const items = unwrap(decodeSequence(sequence, { maxItems: 4096, maxItemSize: MAX_MESSAGE }));
    return items.map((item) => {
      const confirmation = this.#fromHome(depositConfirmation, item);
      if (confirmation.d <= this.d) return confirmation;
      if (confirmation.d !== this.d + 1) throw new Error("deposit-gap");
      this.d = confirmation.d;
      this.depositDigest = sha256(unwrap(depositConfirmation.parse(item)).payloadBytes);
      this.balance += confirmation.amount;
      this.totals.deposited += confirmation.amount;
      return confirmation;
    });
  }

  withdraw(x: bigint): Uint8Array {
    if (x > this.balance) throw new Error("insufficient-balance");
    this.balance -= x;
    this.totals.withdrawn += x;
    this.w += 1;
    return this.say(withdrawal, { amount: amount(x), w: counter(this.w) });
  }

  acknowledge(message: Uint8Array): number {
    const { w } = this.#fromHome(withdrawalAcknowledgement, message);
    if (w > this.w) throw new Error("ack-ahead");
    this.acknowledged = Math.max(this.acknowledged, w);
    return w;
  }

  /** Pays a payee, without a request: the provider never sees it. */
  pay(to: Pick<Payment, "receiver" | "receiverClass">, x: bigint, changes: Partial<Payment> = {}) {
    if (x > this.balance) throw new Error("insufficient-balance");
    this.balance -= x;
    this.totals.paid += x;
    this.j += 1;
    return this.signPayment({ ...to, amount: amount(x), j: counter(this.j), ...changes });
  }

  /** What a broken TEE can do: sign any payment. */
  signPayment(
    content: Pick<Payment, "receiver" | "receiverClass" | "amount" | "j"> & Partial<Payment>,
    changes: { currency?: typeof EUR; home?: ProviderId; key?: SyncSigner } = {},
  ): Uint8Array {
    const full: Payment = {
      r: counter(1),
      challenge: new Uint8Array(8),
      time: START,
      type: "basic",
      ...content,
    };
    const context = paymentContext({
      currency: changes.currency ?? EUR,
      home: changes.home ?? this.home,
      sender: this.id,
      receiver: full.receiver,
    });
    const signer = changes.key ?? this.key;
    return payment.sign(full, context, signer, { certificate: this.certificate });
  }

  /** Collects a payment and signs the outcome; the request that it answers is r. */
  collect(bytes: Uint8Array, sender: TaId): Uint8Array {
    const { payload } = unwrap(payment.parse(bytes));
    this.balance += payload.amount;
    this.totals.collected += payload.amount;
    const { r, j, amount: x } = payload;
    return this.signOutcome({ kind: "collected", r, sender, j, amount: x });
  }

  signOutcome(content: Parameters<typeof outcome.sign>[0]): Uint8Array {
    const context = payeeToAnybody({ currency: EUR, home: this.home, payee: this.id });
    return outcome.sign(content, context, this.key, { certificate: this.certificate });
  }

  syncRequest(nonce: Uint8Array, changes: Partial<SyncRequest> = {}): Uint8Array {
    const { deposited, withdrawn, paid, collected } = this.totals;
    const content: SyncRequest = {
      nonce,
      balance: amount(this.balance),
      d: counter(this.d),
      depositDigest: this.depositDigest,
      w: counter(this.w),
      j: counter(this.j),
      nextR: counter(this.r + 1),
      windowCount: 0,
      windowValue: amount(0n),
      totals: [amount(deposited), amount(withdrawn), amount(paid), amount(collected)],
      head: new Uint8Array(32),
      time: seconds(this.time),
      reserved: amount(0n),
      openRequests: 0,
      ...changes,
    };
    return this.say(syncRequest, content);
  }

  /** Applies the answer to a sync. */
  sync(message: Uint8Array) {
    const response = this.#fromHome(syncResponse, message);
    this.time = Math.max(this.time, response.time);
    return response;
  }

  retire(): Uint8Array {
    const numbers = { d: counter(this.d), w: counter(this.w), j: counter(this.j) };
    return this.say(retirement, { ...numbers, head: new Uint8Array(32) });
  }

  #fromHome<P>(message: Message<P>, bytes: Uint8Array): P {
    const trust = new TrustStore({ root: this.root, currency: EUR });
    const attached = unwrap(attach(bytes, { chain: this.chain }));
    const trusted = { trust, now: START, home: this.home, ta: this.id };
    const pending = unwrap(homeVerify(message, attached, trusted));
    return unwrap(runChecks(pending, nodeVerifier())).payload;
  }
}
