// What a request to a provider may do, by what the oracle knows; `bank-watch.ts` compares.
import {
  concatBytes,
  declineOrder,
  depositRequest,
  depositReservation,
  fromHex,
  onlinePaymentOrder,
  payment,
  retirement,
  sha256,
  toHex,
  withdrawal,
  type OnlinePaymentOrder,
  type ProviderId,
  type TaId,
  type WalletId,
} from "@bezant/protocol";
import { operatorOrder } from "@bezant/provider";
import type { Bank } from "../bank.ts";
import type { Request } from "../router.ts";
import { claimedOf, isDeclined, isOrdered, isRetired } from "./bank-rows.ts";
import { markOf, numbered, type Books, type PaymentEntry } from "./books.ts";
import { isUnwanted } from "./ends.ts";
import { ownPaymentIn, paymentIn } from "./predict.ts";
import { Violation, type Property } from "./property.ts";
import { orderIn, split } from "./requests.ts";
import { interbankMoves } from "./settlement-watch.ts";
import type { Wishes } from "./wishes.ts";

/** One movement that a request may bring about, as the oracle understands it. */
export type Move = {
  readonly changes: readonly (readonly [WalletId, bigint])[];
  readonly apply: () => void;
};

/** What a request may do, and what its answer has to be. */
export type Expected = {
  /** Accounts to look at. */
  readonly clients: readonly WalletId[];
  /** All of them happen, or none. */
  readonly moves: readonly Move[];
  /** The TA whose confirmations may become more. */
  readonly ta?: TaId;
  /** Refusing it without a reason breaks this promise. */
  readonly must?: Property;
  /** Which of the moves took place, where each may be refused by itself. */
  readonly choose?: () => Promise<readonly Move[]>;
  /** What else to look at. */
  readonly check?: () => Promise<void>;
  /** The payment whose end the answer tells. */
  readonly ends?: PaymentEntry | undefined;
  /** A positive answer is right only if all of it is done. */
  readonly done: () => boolean;
};

export const NOTHING: Expected = { clients: [], moves: [], done: () => true };

/** What can move money, or change what may become of it. */
const MOVING = new Set([
  "claims",
  "withdrawals",
  "refunds",
  "deposits",
  "payments",
  "declines",
  "retirements",
  "syncs",
]);

/** What one provider may do with what is brought to it. */
export class Expectations {
  readonly #bank: Bank;
  readonly #books: Books;
  readonly #wishes: Wishes;
  /** Every order that an honest wallet or the operator has sent: what was signed, and for which client. */
  readonly #sent = new Set<string>();

  constructor(bank: Bank, books: Books, wishes: Wishes) {
    this.#bank = bank;
    this.#books = books;
    this.#wishes = wishes;
  }

  note(request: Request): void {
    const order = orderIn(request);
    if (order !== undefined) this.#sent.add(order);
  }

  #isSent(request: Request): boolean {
    const order = orderIn(request);
    return order !== undefined && this.#sent.has(order);
  }

  /** What this request may do. */
  of(request: Request): Expected {
    const { path, body } = request;
    const [, , , id = "", what] = path.split("/");
    const client = id as WalletId;
    if (path === "/v1/claims") return this.#expectClaims(split(body), []);
    if (path === "/operator/v1/orders") return this.#expectFunding(request);
    if (!MOVING.has(what ?? "")) return NOTHING;
    if (this.#books.clients.get(client)?.bank !== this.#bank.id) {
      return { ...NOTHING, done: () => false };
    }
    if (what === "claims") return this.#expectClaims([body], [client]);
    if (what === "withdrawals") return this.#expectWithdrawal(client, body);
    if (what === "refunds") return this.#expectRefund(split(body));
    const isSent = this.#isSent(request);
    if (what === "deposits") return this.#expectDeposit(client, body, isSent);
    if (what === "payments") return this.#expectPayment(client, body, isSent);
    if (what === "declines") return this.#expectDecline(client, body, isSent);
    if (what === "retirements") return this.#expectRetirement(client, body);
    if (what === "syncs") return this.#expectSync(client);
    return NOTHING;
  }

  #expectFunding(request: Request): Expected {
    const parsed = operatorOrder.parse(request.body);
    if (!parsed.ok || parsed.value.payload.kind !== "fund") return NOTHING;
    const { client, amount, orderId } = parsed.value.payload;
    const books = this.#books;
    const key = `fund ${toHex(orderId)}`;
    const apply = (): void => {
      books.orders.add(key);
      books.issued += amount;
    };
    const isNew = !books.orders.has(key) && this.#isSent(request);
    const moves: Move[] = isNew ? [{ changes: [[client, amount]], apply }] : [];
    return { clients: [client], moves, done: () => books.orders.has(key) };
  }

  #expectDeposit(client: WalletId, body: Uint8Array, isSent: boolean): Expected {
    const books = this.#books;
    const none = { clients: [client], moves: [], done: () => isSent };
    const outer = depositRequest.parse(body);
    if (!outer.ok) return none;
    const inner = depositReservation.parse(outer.value.payload.reservation);
    if (!inner.ok) return none;
    const { amount, d } = inner.value.payload;
    const reserved = books.reservations.get(markOf(inner.value));
    const owner = books.clients.get(client)?.owner;
    if (reserved === undefined || books.tas.get(reserved.ta)?.owner !== owner) return none;
    const { ta } = reserved;
    const known = books.confirmationsOf(ta);
    const common = { clients: [client], ta, done: () => isSent && known.length >= d };
    if (!isSent || d !== known.length + 1 || books.retired.has(ta)) return { ...common, moves: [] };
    const apply = (): void => {
      this.#wishes.done(`deposit ${owner} ${amount}`);
      known.push({ amount, kind: "deposit", j: undefined, isApplied: false });
      books.flight += amount;
    };
    const isCovered = (books.clients.get(client)?.online ?? 0n) >= amount;
    return {
      ...common,
      moves: [{ changes: [[client, 0n - amount]], apply }],
      ...(isCovered ? { must: "wallet security" } : {}),
    };
  }

  #expectWithdrawal(client: WalletId, body: Uint8Array): Expected {
    const books = this.#books;
    const parsed = withdrawal.parse(body);
    const none = { clients: [client], moves: [], done: () => false };
    if (!parsed.ok) return none;
    const { w, amount } = parsed.value.payload;
    const entry = books.withdrawalsByMark.get(markOf(parsed.value));
    if (entry === undefined || entry.amount !== amount || entry.w !== w) return none;
    // Brought to another client's address it says nothing there.
    const { owner, home } = books.tas.get(entry.ta) ?? {};
    if (home !== this.#bank.id || owner !== books.clients.get(client)?.owner) return none;
    const done = (): boolean => entry.isCredited;
    const isNext = (books.credited.get(entry.ta) ?? 0) + 1 === w;
    if (entry.isCredited || !isNext) return { clients: [client], moves: [], done };
    const apply = (): void => {
      entry.isCredited = true;
      books.credited.set(entry.ta, w);
      books.flight -= amount;
    };
    const moves = [{ changes: [[client, amount]], apply }] as const;
    return { clients: [client], moves, done, must: "online redeemability" };
  }

  #expectRefund([paid]: readonly Uint8Array[]): Expected {
    const books = this.#books;
    const entry = paid && ownPaymentIn(books, paid);
    const ta = entry && books.tas.get(entry.sender);
    const client = [...books.clients.values()].find(({ owner }) => owner === ta?.owner)?.wallet;
    if (entry === undefined || client === undefined || ta?.home !== this.#bank.id) {
      return { ...NOTHING, done: () => false };
    }
    const done = (): boolean => entry.end === "refunded";
    const common = { clients: [client], ta: entry.sender, done };
    if (entry.end !== "flight" || !isUnwanted(books, entry)) return { ...common, moves: [] };
    const isGone = books.retired.has(entry.sender);
    const apply = (): void => {
      entry.end = "refunded";
      // On its way as a payment before, on its way as a confirmation now; a TA that has retired gets none.
      const confirmed = { amount: entry.amount, kind: "refund", j: entry.j } as const;
      books.confirmationsOf(entry.sender).push({ ...confirmed, isApplied: isGone });
      if (isGone) books.flight -= entry.amount;
    };
    return { ...common, moves: [{ changes: isGone ? [[client, entry.amount]] : [], apply }] };
  }

  #expectClaims(items: readonly Uint8Array[], clients: readonly WalletId[]): Expected {
    const books = this.#books;
    const entries = new Set<PaymentEntry>();
    for (const item of items) {
      const entry = paymentIn(books, item);
      const receiver = entry && books.clients.get(entry.receiver as WalletId);
      if (entry?.toWallet !== true || receiver?.bank !== this.#bank.id) continue;
      if (clients.length === 0 || clients.includes(entry.receiver as WalletId)) entries.add(entry);
    }
    const fresh = [...entries].filter(({ end, declined }) => end === "flight" && !declined);
    const move = (entry: PaymentEntry): Move => ({
      changes: [[entry.receiver as WalletId, entry.amount]],
      apply: () => {
        entry.end = "claimed";
        books.flight -= entry.amount;
      },
    });
    const choose = async (): Promise<Move[]> => {
      const rows = await claimedOf(this.#bank, fresh);
      return fresh.filter(({ key }) => rows.has(key)).map(move);
    };
    const own = [...clients, ...[...entries].map(({ receiver }) => receiver as WalletId)];
    const isEnded = (entry: PaymentEntry): boolean => entry.end === "claimed" || entry.declined;
    const isSingle = clients.length > 0;
    return {
      clients: [...new Set(own)],
      ends: isSingle ? [...entries][0] : undefined,
      moves: [],
      choose,
      done: () => !isSingle || (entries.size > 0 && [...entries].every(isEnded)),
      ...(isSingle && this.#mustClaim(items[0]) ? { must: "online redeemability" } : {}),
    };
  }

  /** A payment with a certificate of this provider's own; one of another's may need its chain. */
  #mustClaim(item: Uint8Array | undefined): boolean {
    const parsed = item === undefined ? undefined : payment.parse(item);
    if (parsed?.ok !== true || parsed.value.certificate === undefined) return false;
    const { certificate, chain } = parsed.value;
    const known = this.#books.certificates.get(toHex(certificate));
    const entry = paymentIn(this.#books, item as Uint8Array);
    const isFresh = (known?.exp ?? 0) >= this.#bank.now();
    return (
      isFresh && known?.iss === this.#bank.id && chain === undefined && entry?.end === "flight"
    );
  }

  #expectDecline(client: WalletId, body: Uint8Array, isSent: boolean): Expected {
    const parsed = declineOrder.parse(body);
    if (!parsed.ok || !isSent) return { ...NOTHING, clients: [client], done: () => false };
    const { sender, j } = parsed.value.payload;
    const entry = this.#books.payments.get(numbered(sender, j));
    return {
      clients: [client],
      moves: [],
      check: async () => {
        if (entry !== undefined && (await isDeclined(this.#bank, client, sender, j)))
          this.#decline(entry);
      },
      ends: entry,
      done: () => entry?.declined === true || entry?.end === "claimed",
    };
  }

  #decline(entry: PaymentEntry): void {
    if (entry.end === "claimed") {
      throw new Violation("absolute finality", `${entry.key} was claimed, and then declined`);
    }
    entry.declined = true;
  }

  /** How far the payments of a TA are stored without a hole. */
  async #noteStored(ta: TaId): Promise<void> {
    const known = this.#books.stored.get(ta) ?? 0;
    const found = await this.#bank.store.database.query<{ j: bigint }>(
      {
        name: "oracle-stored",
        text: "SELECT j FROM synced_payments WHERE ta_id = $1 AND j > $2 ORDER BY j",
      },
      [Buffer.from(ta, "hex"), known],
    );
    let last = known;
    for (const { j } of found.ok ? found.value.rows : []) if (Number(j) === last + 1) last += 1;
    this.#books.stored.set(ta, last);
  }

  #expectPayment(client: WalletId, body: Uint8Array, isSent: boolean): Expected {
    const books = this.#books;
    const parsed = onlinePaymentOrder.parse(body);
    if (!parsed.ok || !isSent) return { clients: [client], moves: [], done: () => false };
    const { amount, receiver, orderId } = parsed.value.payload;
    const key = `pay ${client} ${toHex(orderId)}`;
    const owner = books.clients.get(client)?.owner;
    const apply = (): void => {
      this.#wishes.done(`pay-online ${owner} ${receiver} ${amount}`);
      books.orders.add(key);
    };
    const { provider } = parsed.value.payload;
    if (provider !== undefined && provider !== this.#bank.id) {
      return this.#expectSending(client, { ...parsed.value.payload, provider }, apply, key);
    }
    const changes = [
      [client, 0n - amount],
      [receiver, amount],
    ] as const;
    return {
      clients: [client, receiver],
      moves: books.orders.has(key) ? [] : [{ changes, apply }],
      done: () => books.orders.has(key),
    };
  }

  /** Leaves the payer here, and comes to the payee when both providers have settled; or it comes back. */
  #expectSending(
    client: WalletId,
    { amount, receiver, provider, orderId }: OnlinePaymentOrder & { readonly provider: ProviderId },
    apply: () => void,
    key: string,
  ): Expected {
    const books = this.#books;
    const name = new TextEncoder().encode(`bezant instruction ${this.#bank.id} `);
    const digest = sha256(concatBytes(name, fromHex(client), orderId));
    const instruction = toHex(digest.slice(0, 16));
    const send: Move = {
      changes: [[client, 0n - amount]],
      apply: () => {
        apply();
        const route = { payer: client, payee: receiver, provider, amount };
        books.interbank.set(instruction, { ...route, end: "flight" });
        books.flight += amount;
      },
    };
    return {
      clients: [client],
      moves: [],
      choose: async () => {
        const isNew = !books.orders.has(key) && (await isOrdered(this.#bank, client, instruction));
        return [...(isNew ? [send] : []), ...(await interbankMoves(books, this.#bank))];
      },
      done: () => books.orders.has(key),
    };
  }

  #expectSync(client: WalletId): Expected {
    const owner = this.#books.clients.get(client)?.owner;
    const ta = this.#books.devices.find((one) => one.owner === owner)?.id;
    return {
      clients: [client],
      moves: [],
      done: () => true,
      ...(ta === undefined ? {} : { check: () => this.#noteStored(ta) }),
    };
  }

  #expectRetirement(client: WalletId, body: Uint8Array): Expected {
    const books = this.#books;
    const parsed = retirement.parse(body);
    const ta = parsed.ok ? books.retirements.get(markOf(parsed.value)) : undefined;
    const { owner, home } = (ta && books.tas.get(ta)) ?? {};
    const isOwn = home === this.#bank.id && owner === books.clients.get(client)?.owner;
    if (ta === undefined || !isOwn) return { clients: [client], moves: [], done: () => false };
    const left = books.confirmationsOf(ta).filter(({ isApplied }) => !isApplied);
    const sum = left.reduce((total, { amount }) => total + amount, 0n);
    const apply = (): void => {
      for (const one of left) one.isApplied = true;
      books.flight -= sum;
    };
    return {
      clients: [client],
      moves: left.length === 0 ? [] : [{ changes: [[client, sum]], apply }],
      check: async () => {
        if (await isRetired(this.#bank, ta)) books.retired.add(ta);
      },
      done: () => books.retired.has(ta),
      must: "online redeemability",
    };
  }
}
