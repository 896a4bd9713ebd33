import {
  parseCertificate,
  payment,
  paymentRequest,
  subjectId,
  toHex,
  unwrap,
  type Result,
  type WalletId,
} from "@bezant/protocol";
import type { Settlement } from "@bezant/provider";
import type { Received, ReceiveRefusal } from "@bezant/wallet";
import type { Bank } from "../bank.ts";
import type { Request, Response } from "../router.ts";
import type { User } from "../user.ts";
import { BankWatch } from "./bank-watch.ts";
import { Books, markOf, noteCertificate, numbered } from "./books.ts";
import { Certifications } from "./certifications.ts";
import { paymentIn } from "./predict.ts";
import { Violation } from "./property.ts";
import { TaWatch } from "./ta-watch.ts";
import { Wishes } from "./wishes.ts";

/** Refusals that no genuine message deserves. */
const NEVER_FOR_GENUINE = new Set([
  "malformed",
  "wrong-type",
  "unsupported-algorithm",
  "bad-key",
  "bad-signature",
  "wrong-role",
  "wrong-currency",
  "wrong-audience",
  "payment-fork",
]);

/** Watches a whole network and keeps books of its own; every method throws `Violation`. */
export class Oracle {
  readonly books = new Books();
  readonly wishes = new Wishes();
  readonly #walletCertificates = new Map<string, Uint8Array>();
  readonly #banks = new Map<Bank, BankWatch>();
  readonly tas = new Map<User, TaWatch>();
  readonly #certifications = new Certifications(this.books);

  addBank(bank: Bank): void {
    this.#banks.set(bank, new BankWatch(bank, this.books, this.wishes));
  }

  addUser(user: User): void {
    const { device, home } = user.parts;
    if (device === undefined) return;
    this.tas.set(user, new TaWatch(device, user, home.id, this.books, this.wishes));
  }

  addClient(user: User, wallet: WalletId): void {
    const { id: bank } = user.parts.home;
    this.books.clients.set(wallet, { owner: user.number, bank, wallet, online: 0n });
  }

  /** Whoever may say this has sent it. */
  noteRequest(bank: Bank, request: Request): void {
    this.#banks.get(bank)?.note(request);
    this.#certifications.note(request);
  }

  async serve(bank: Bank, request: Request): Promise<Response | undefined> {
    const response = await (this.#banks.get(bank) as BankWatch).serve(request);
    this.#certifications.judge(bank, request, response);
    return response;
  }

  async settle(bank: Bank): Promise<Settlement | undefined> {
    return (this.#banks.get(bank) as BankWatch).settle();
  }

  /** A wallet without a device has signed a request. */
  noteWalletRequest(message: Uint8Array): void {
    const parsed = unwrap(paymentRequest.parse(message));
    const certificate = unwrap(parseCertificate(parsed.certificate as Uint8Array));
    const payee = subjectId(certificate);
    if (certificate.claims.role !== "wallet") return;
    noteCertificate(this.books, certificate.bytes);
    this.#walletCertificates.set(payee, certificate.bytes);
    const { r, amount, challenge, expires } = parsed.payload;
    const common = { payee, r, amount, bytes: message, challenge: toHex(challenge), expires };
    this.books.addRequest({ ...common, mark: markOf(parsed), end: "open" });
  }

  /** A wallet's certificate, which everybody has seen beside its requests. */
  certificateOf(wallet: string): Uint8Array | undefined {
    return this.#walletCertificates.get(wallet);
  }

  /** What a wallet made of a payment that came to it, by a clock that was right or not. */
  judgeReceipt(
    message: Uint8Array,
    received: Result<Received, ReceiveRefusal>,
    isClockRight: boolean,
  ): void {
    const entry = paymentIn(this.books, message);
    if (received.ok && entry === undefined) {
      const { sender, j } = received.value;
      const known = this.books.payments.get(numbered(sender, j));
      // The same content under certificates that somebody exchanged is no other payment.
      if (known !== undefined && received.value.isRepeat) return;
      throw new Violation("offline verifiability", "a payment was taken that nobody has signed");
    }
    if (received.ok && entry !== undefined) entry.isReceived = true;
    if (received.ok || entry === undefined || !isClockRight) return;
    const { code } = received.error;
    if (!NEVER_FOR_GENUINE.has(code)) return;
    if (code === "wrong-audience" || !this.#isWhole(message)) return;
    throw new Violation("offline verifiability", `genuine ${entry.key} was refused: ${code}`);
  }

  /** What travels beside it, unsigned, is as somebody has issued it. */
  #isWhole(message: Uint8Array): boolean {
    const parsed = payment.parse(message);
    if (!parsed.ok || parsed.value.certificate === undefined) return false;
    const { certificate, chain } = parsed.value;
    const known = this.books.certificates.get(toHex(certificate));
    if (known === undefined) return false;
    return chain === undefined || this.books.chains.get(known.iss) === chain.map(toHex).join();
  }

  /** After every step: what is online, offline and on its way is what was issued. */
  check(): void {
    const { online, offline, flight, issued } = this.books;
    if (online + offline + flight === issued) return;
    throw new Violation(
      "supply conservation",
      `${online} online, ${offline} offline, ${flight} on its way: not ${issued}`,
    );
  }
}
