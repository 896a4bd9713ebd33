import {
  amount,
  counter,
  currency,
  depositConfirmation,
  fromHex,
  homeToTa,
  institutionId,
  limitsProfile,
  outcome,
  payeeToAnybody,
  payment,
  paymentRequest,
  providerToAnybody,
  seconds,
  signCertificate,
  syncRequest,
  syncResponse,
  unwrap,
  walletIdOf,
  withdrawalAcknowledgement,
  type Chain,
  type Claims,
  type CompressedKey,
  type Limits,
  type SyncSigner,
  type TaId,
} from "@bezant/protocol";
import { encodeInput } from "@bezant/trusted-app/commands";
import { deterministicSigner, seededRandom } from "../../src/simulation/index.ts";

const NOW = 1_800_000_000;
const EUR = currency("EUR");
const HOME = institutionId("bank-a");

const LIMITS: Limits = {
  profile: 1,
  version: 1,
  maxHolding: amount(100_000n),
  maxPayment: amount(50_000n),
  maxCount: 100,
  maxValue: amount(100_000n),
  noPinCap: amount(100_000n),
  uncheckedCap: amount(100_000n),
};

/** A central bank, one provider and one wallet without secure hardware: they sign whatever a test asks for. */
export class Bank {
  readonly #root = signer("root");
  readonly #intermediary = signer("intermediary");
  readonly #provider = signer("provider");
  readonly #wallet = signer("wallet");
  readonly #chain: Chain;
  #serial = 0;

  constructor() {
    const intermediary = this.#certify(this.#root, "root", {
      role: "intermediary",
      sub: institutionId("inter"),
      key: this.#intermediary.publicKey.compressed,
    });
    const provider = this.#certify(this.#intermediary, "inter", {
      role: "provider",
      sub: HOME,
      key: this.#provider.publicKey.compressed,
    });
    this.#chain = [provider, intermediary];
  }

  /** The input of `Init`. */
  init(): Uint8Array {
    return encodeInput("Init", { anchor: fromHex(this.#root.publicKey.compressed) });
  }

  /** The input of `CertInit` and `Renew`: each time with a higher serial. */
  certification(ta: TaId, key: CompressedKey): Uint8Array {
    const claims = { role: "ta", key, limitsProfile: LIMITS.profile, securityLevel: 1 };
    return encodeInput("CertInit", {
      certificate: this.#certify(this.#provider, HOME, claims),
      chain: this.#chain,
      limitsProfile: limitsProfile.sign(LIMITS, this.#to(ta), this.#provider),
    });
  }

  deposit(ta: TaId, d: number, x: bigint): Uint8Array {
    const payload = { amount: amount(x), d: counter(d), kind: "deposit" } as const;
    const confirmation = depositConfirmation.sign(payload, this.#to(ta), this.#provider);
    return encodeInput("Deposit", { confirmation });
  }

  acknowledge(ta: TaId, w: number): Uint8Array {
    const acknowledgement = withdrawalAcknowledgement.sign(
      { w: counter(w) },
      this.#to(ta),
      this.#provider,
    );
    return encodeInput("AckWithdraw", { acknowledgement });
  }

  /** The answer to a sync request, with everything in it acknowledged. */
  sync(ta: TaId, request: Uint8Array): Uint8Array {
    const { nonce, w, j } = unwrap(syncRequest.parse(request)).payload;
    const pins = { epochs: [], revokedKeys: [] };
    const payload = { nonce, w, stored: j, limits: LIMITS, unlockPin: true, ...pins };
    const response = syncResponse.sign(
      { ...payload, time: seconds(NOW + 60) },
      this.#to(ta),
      this.#provider,
    );
    return encodeInput("Sync", { response });
  }

  /** The wallet's request number r, as the input of `Pay`. */
  request(r: number, x: bigint): Uint8Array {
    const payload = { amount: amount(x), r: counter(r), challenge: new Uint8Array(8).fill(r) };
    const request = paymentRequest.sign(payload, this.#asPayee(), this.#wallet, this.#beside());
    return encodeInput("Pay", { request, hint: seconds(0) });
  }

  /** The wallet has this payment: the input of `Release`. */
  received(sender: TaId, paid: Uint8Array): Uint8Array {
    const { j, r, amount: x } = unwrap(payment.parse(paid)).payload;
    const said = { kind: "received", r, sender, j, amount: x } as const;
    const received = outcome.sign(said, this.#asPayee(), this.#wallet, this.#beside());
    return encodeInput("Release", { outcome: received });
  }

  /** The provider has credited the wallet with this payment: the input of `Settle`. */
  claimed(sender: TaId, paid: Uint8Array): Uint8Array {
    const { j, amount: x, receiver } = unwrap(payment.parse(paid)).payload;
    const claimed = outcome.sign(
      { kind: "claimed", sender, j, amount: x, receiver },
      providerToAnybody({ currency: EUR, provider: HOME }),
      this.#provider,
    );
    return encodeInput("Settle", { outcome: claimed });
  }

  #asPayee(): ReturnType<typeof payeeToAnybody> {
    const payee = walletIdOf(HOME, this.#wallet.publicKey);
    return payeeToAnybody({ currency: EUR, home: HOME, payee });
  }

  #beside(): { readonly certificate: Uint8Array } {
    const { compressed: key } = this.#wallet.publicKey;
    return { certificate: this.#certify(this.#provider, HOME, { role: "wallet", key }) };
  }

  #to(ta: TaId): ReturnType<typeof homeToTa> {
    return homeToTa({ currency: EUR, home: HOME, ta });
  }

  #certify(issuer: SyncSigner, iss: string, claims: object): Uint8Array {
    this.#serial += 1;
    const validity = { nbf: seconds(NOW - 1000), exp: seconds(NOW + 100_000_000) };
    const common = { iss: institutionId(iss), currency: EUR, serial: this.#serial, ...validity };
    return signCertificate({ ...common, ...claims } as Claims, issuer);
  }
}

function signer(name: string): SyncSigner {
  return deterministicSigner(seededRandom(name)(32));
}
