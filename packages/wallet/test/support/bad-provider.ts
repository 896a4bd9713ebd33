import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import {
  amount,
  counter,
  institutionId,
  keyIdOf,
  payeeToAnybody,
  payment,
  paymentContext,
  paymentRequest,
  seconds,
  signCertificate,
  taIdOf,
  toHex,
  type Chain,
  type Claims,
  type InstitutionStatus,
  type PayeeId,
  type Payment,
  type PaymentRequest,
  type SyncSigner,
  type TaId,
  type WalletId,
} from "@bezant/protocol";
import { EUR, Institutions, newSigner, START } from "@bezant/testkit";

const DAY = 86_400;
const SOUND = { nbf: seconds(START - 300 * DAY), exp: seconds(START + 300 * DAY) };
/** Longer ago than anybody honours. */
const ENDED = { nbf: SOUND.nbf, exp: seconds(START - 31 * DAY) };

/** What is wrong with a provider, and the refusal that says so. */
export const WRONGS = {
  expired: "expired",
  revoked: "issuer-revoked",
  "out of role": "wrong-role",
  "under another root": "unknown-issuer",
} as const;
export type Wrong = keyof typeof WRONGS;

/** A provider that nobody may believe, with a payer and a payee that it has certified. */
export class BadProvider {
  readonly id = institutionId("rogue");
  readonly chain: Chain;
  readonly #signer = newSigner();
  readonly #ta = newSigner();
  readonly #ofTa: Uint8Array;

  constructor(wrong: Wrong | "nothing", institutions: Institutions) {
    const issuer = wrong === "under another root" ? new Institutions() : institutions;
    const validity = wrong === "expired" ? ENDED : SOUND;
    const role = wrong === "out of role" ? "intermediary" : "provider";
    const common = { currency: EUR, serial: 1, ...validity };
    const key = this.#signer.publicKey.compressed;
    const subject = { role, iss: institutionId("inter"), sub: this.id, key, ...common } as const;
    this.chain = issuer.certifyBelow(subject);
    const own = { role: "ta", iss: this.id, limitsProfile: 1, securityLevel: 1 } as const;
    const claims: Claims = { ...own, ...common, key: this.#ta.publicKey.compressed };
    this.#ofTa = signCertificate(claims, this.#signer);
  }

  /** How a status list takes its key back, before it certified anybody. */
  get revoked(): InstitutionStatus["revoked"] {
    return [[keyIdOf(this.#signer.publicKey), seconds(SOUND.nbf - 1)]];
  }

  /** A payment by a TA that it has certified: to a wallet, or to the TA that has asked for it. */
  pay(receiver: WalletId): Uint8Array;
  pay(receiver: TaId, asked: PaymentRequest): Uint8Array;
  pay(receiver: WalletId | TaId, asked?: PaymentRequest): Uint8Array {
    const content: Payment = {
      amount: amount(100n),
      receiver,
      receiverClass: asked === undefined ? "wallet" : "ta",
      j: counter(1),
      r: asked?.r ?? counter(1),
      challenge: asked?.challenge ?? new Uint8Array(8),
      time: START,
      type: "basic",
    };
    const sender = taIdOf(this.#ta.publicKey);
    const context = paymentContext({ currency: EUR, home: this.id, sender, receiver });
    return payment.sign(content, context, this.#ta, this.#attached);
  }

  /** A request by that TA to be paid. */
  request(): Uint8Array {
    const payee: PayeeId = taIdOf(this.#ta.publicKey);
    const context = payeeToAnybody({ currency: EUR, home: this.id, payee });
    const content = { amount: amount(100n), r: counter(1), challenge: new Uint8Array(8) };
    return paymentRequest.sign(content, context, this.#ta, this.#attached);
  }

  /** Listens as a provider does, as far as it gets: it says who it is. */
  async serve(anchor: SyncSigner["publicKey"]): Promise<{ url: string; close: () => void }> {
    const server = createServer((_request, response) => {
      response.setHeader("content-type", "application/json");
      const chain = this.chain.map(toHex);
      const rootKeyId = keyIdOf(anchor);
      response.end(JSON.stringify({ provider: this.id, currency: EUR, chain, rootKeyId }));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
  }

  get #attached() {
    return { certificate: this.#ofTa, chain: this.chain };
  }
}
