import { parseCertificate, toHex, unwrap, type TaId, type WalletId } from "@bezant/protocol";
import type { InterbankEntry } from "./settlement-watch.ts";

/** What the oracle knows of a TA: from what it signed, and from what it says of itself. */
export type TaBook = {
  readonly owner: number;
  readonly home: string;
  /** Undefined before `Init`. */
  id: TaId | undefined;
  figures: TaFigures;
};

export type TaFigures = {
  readonly phase: "blank" | "initialised" | "active" | "retired";
  readonly balance: bigint;
  readonly d: number;
  readonly w: number;
  readonly j: number;
  readonly r: number;
  readonly unsettled: readonly number[];
  readonly unacknowledged: readonly number[];
  readonly open: readonly number[];
};

export const BLANK: TaFigures = {
  phase: "blank",
  balance: 0n,
  d: 0,
  w: 0,
  j: 0,
  r: 0,
  unsettled: [],
  unacknowledged: [],
  open: [],
};

/** A request that somebody signed, and how it ended. */
export type RequestEntry = {
  readonly payee: string;
  readonly r: number;
  readonly amount: bigint;
  readonly challenge: string;
  readonly expires: number | undefined;
  readonly bytes: Uint8Array;
  /** Tells the message from any other that says the same. */
  readonly mark: string;
  end: "open" | "void" | { readonly collected: string };
};

/** A payment that a TA signed, and how it ended. */
export type PaymentEntry = {
  readonly key: string;
  readonly sender: TaId;
  readonly j: number;
  readonly receiver: string;
  readonly toWallet: boolean;
  readonly r: number;
  readonly challenge: string;
  readonly amount: bigint;
  readonly mark: string;
  /** P as the TA gave it, for the day on which everything heals. */
  readonly bytes: Uint8Array;
  end: "flight" | "collected" | "claimed" | "refunded";
  /** The receiver's provider will never settle it. */
  declined: boolean;
  /** The payee's wallet has said that it has it; the payer's TA has let go of it on that word. */
  isReceived: boolean;
  isReleased: boolean;
};

/** A confirmation that a provider issued to a TA. */
export type ConfirmationEntry = {
  readonly amount: bigint;
  readonly kind: "deposit" | "refund";
  readonly j: number | undefined;
  isApplied: boolean;
};

export type WithdrawalEntry = {
  readonly ta: TaId;
  readonly w: number;
  readonly amount: bigint;
  isCredited: boolean;
};

export type ClientBook = {
  readonly owner: number;
  readonly bank: string;
  readonly wallet: WalletId;
  online: bigint;
};

const RECENT = 40;

/** The oracle's own accounts of everything; no line of the code under test has a part in them. */
export class Books {
  /** One for each device, and the same by the TA that it has. */
  readonly devices: TaBook[] = [];
  readonly tas = new Map<TaId, TaBook>();
  readonly clients = new Map<WalletId, ClientBook>();
  readonly #requests = new Map<string, RequestEntry>();
  readonly payments = new Map<string, PaymentEntry>();
  readonly paymentsByMark = new Map<string, PaymentEntry>();
  /** The latest of them. */
  readonly recent = new Set<PaymentEntry>();
  /** By TA: the confirmations 1, 2, 3, …. */
  readonly confirmations = new Map<TaId, ConfirmationEntry[]>();
  readonly withdrawals = new Map<string, WithdrawalEntry>();
  readonly withdrawalsByMark = new Map<string, WithdrawalEntry>();
  /** By TA: the last withdrawal that was credited, and the last payment of those that its provider has stored. */
  readonly credited = new Map<TaId, number>();
  readonly stored = new Map<TaId, number>();
  /** Payments between providers, by their instructions. */
  readonly interbank = new Map<string, InterbankEntry>();
  /** Online orders that were carried out. */
  readonly orders = new Set<string>();
  /** The last words of TAs, by what they are marked with, and those TAs whose provider has heard theirs. */
  readonly retirements = new Map<string, TaId>();
  readonly retired = new Set<TaId>();
  /** Reservations by what they are marked with. */
  readonly reservations = new Map<string, { readonly ta: TaId; readonly amount: bigint }>();
  /** What the trusted OSes of genuine devices have signed for their TAs, by what it is marked with, and whose device it was. */
  readonly evidence = new Map<string, { readonly owner: number }>();
  /** Certificates of wallets and TAs as they were issued, in hex, and the providers' chains. */
  readonly certificates = new Map<string, { readonly iss: string; readonly exp: number }>();
  readonly chains = new Map<string, string>();
  /** Payments, confirmations and withdrawals that are between two balances. */
  flight = 0n;
  offline = 0n;
  online = 0n;
  issued = 0n;

  addPayment(entry: PaymentEntry): void {
    this.payments.set(entry.key, entry);
    this.paymentsByMark.set(entry.mark, entry);
    this.recent.add(entry);
    if (this.recent.size <= RECENT) return;
    const [oldest] = this.recent;
    if (oldest !== undefined) this.recent.delete(oldest);
  }

  addRequest(entry: RequestEntry): void {
    this.#requests.set(`${numbered(entry.payee, entry.r)}/${entry.challenge}`, entry);
  }

  /** Two copies of a wallet may number their requests alike; their challenges tell them apart. */
  request(payee: string, r: number, challenge: string): RequestEntry | undefined {
    return this.#requests.get(`${numbered(payee, r)}/${challenge}`);
  }

  /** The request that a payment answers. */
  requestOf({ receiver, r, challenge }: PaymentEntry): RequestEntry | undefined {
    return this.request(receiver, r, challenge);
  }

  confirmationsOf(ta: TaId): ConfirmationEntry[] {
    const known = this.confirmations.get(ta) ?? [];
    this.confirmations.set(ta, known);
    return known;
  }
}

/** Remembers a certificate that its holder has. */
export function noteCertificate(books: Books, bytes: Uint8Array): void {
  const name = toHex(bytes);
  if (books.certificates.has(name)) return;
  const { iss, exp } = unwrap(parseCertificate(bytes)).claims;
  books.certificates.set(name, { iss, exp });
}

/** What makes two signed messages the same one: what was signed, and the signature. */
export function markOf(message: {
  readonly payloadBytes: Uint8Array;
  readonly signature: Uint8Array;
}): string {
  return toHex(message.payloadBytes) + toHex(message.signature);
}

export function numbered(of: string, number: number): string {
  return `${of}/${number}`;
}
