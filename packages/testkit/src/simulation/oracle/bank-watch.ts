import { toHex, type TaId, type WalletId } from "@bezant/protocol";
import type { Settlement } from "@bezant/provider";
import type { Bank } from "../bank.ts";
import type { Request, Response } from "../router.ts";
import { balancesOf, confirmationsAfter } from "./bank-rows.ts";
import type { Books } from "./books.ts";
import { checkEnd } from "./ends.ts";
import { Expectations, NOTHING, type Expected } from "./expected.ts";
import { Violation } from "./property.ts";
import { interbankMoves } from "./settlement-watch.ts";
import type { Wishes } from "./wishes.ts";

/** Watches one provider: after every request its accounts must be what the oracle's books say. */
export class BankWatch {
  readonly bank: Bank;
  readonly #books: Books;
  readonly #expectations: Expectations;

  constructor(bank: Bank, books: Books, wishes: Wishes) {
    this.bank = bank;
    this.#books = books;
    this.#expectations = new Expectations(bank, books, wishes);
    books.chains.set(bank.id, bank.chain.map(toHex).join());
  }

  /** An honest wallet or the operator sends this. */
  note(request: Request): void {
    this.#expectations.note(request);
  }

  /** Serves a request under the oracle's eyes; undefined: the provider died over it. */
  async serve(request: Request): Promise<Response | undefined> {
    const expected = request.method === "POST" ? this.#expectations.of(request) : NOTHING;
    const faults = this.bank.database.happened;
    const response = await this.bank.serve(request);
    const wasDisturbed = this.bank.database.happened !== faults;
    if (expected === NOTHING) return response;
    const isDone = await this.#look(expected, request.path);
    if (response === undefined) return undefined;
    const what = `${request.path.split("/").at(-1)} at ${this.bank.id}`;
    if (response.code === undefined) {
      if (!expected.done()) throw new Violation("exactly once", `${what} is confirmed, not done`);
      if (expected.ends !== undefined) checkEnd(expected.ends, response.body);
    } else if (isDone && response.code !== "commit-unknown") {
      throw new Violation("supply conservation", `${what}: ${response.code}, yet money moved`);
    } else if (response.code === "allowance-exhausted") {
      // Its central bank lets it take no more; it asks for more when it settles.
      return response;
    } else if (expected.must !== undefined && !wasDisturbed && !expected.done()) {
      throw new Violation(expected.must, `${what} was refused: ${response.code}`);
    }
    return response;
  }

  /** Lets the provider settle: only what is between providers may move. */
  async settle(): Promise<Settlement | undefined> {
    const settled = await this.bank.settle();
    const own = [...this.#books.clients.values()].filter(({ bank }) => bank === this.bank.id);
    await this.#look(
      {
        clients: own.map(({ wallet }) => wallet),
        moves: [],
        choose: () => interbankMoves(this.#books, this.bank),
        done: () => true,
      },
      "settle",
    );
    return settled;
  }

  /** Compares accounts and confirmations with the books; answers whether the moves took place. */
  async #look(expected: Expected, path: string): Promise<boolean> {
    const { clients, ta } = expected;
    const moves = (await expected.choose?.()) ?? expected.moves;
    const books = this.#books;
    const observed = await balancesOf(this.bank, clients);
    const planned = new Map<WalletId, bigint>();
    for (const { changes } of moves) {
      for (const [client, change] of changes) {
        planned.set(client, (planned.get(client) ?? 0n) + change);
      }
    }
    const differs = [...observed].filter(([id, is]) => books.clients.get(id)?.online !== is);
    const isMoved = [...observed].every(
      ([id, is]) => (books.clients.get(id)?.online ?? 0n) + (planned.get(id) ?? 0n) === is,
    );
    const hasPlan = [...planned.values()].some((change) => change !== 0n);
    let isDone = false;
    if (moves.length > 0 && isMoved && (hasPlan || differs.length === 0)) {
      isDone = hasPlan || (await this.#hasMore(ta));
    }
    if (!isDone && differs.length > 0) {
      const [client, is] = differs[0] as [WalletId, bigint];
      const had = books.clients.get(client)?.online;
      const change = planned.get(client);
      throw new Violation(
        "supply conservation",
        `${path}: the balance of ${client.slice(0, 8)} went from ${had} to ${is}, allowed ${change}`,
      );
    }
    if (isDone) {
      for (const move of moves) move.apply();
      for (const [client, change] of planned) this.#change(client, change);
    }
    if (ta !== undefined) await this.#compareConfirmations(ta);
    await expected.check?.();
    return isDone;
  }

  #change(client: WalletId, change: bigint): void {
    const book = this.#books.clients.get(client);
    if (book === undefined) return;
    book.online += change;
    this.#books.online += change;
  }

  async #hasMore(ta: TaId | undefined): Promise<boolean> {
    if (ta === undefined) return false;
    return (
      (await confirmationsAfter(this.bank, ta, this.#books.confirmationsOf(ta).length)).length > 0
    );
  }

  /** Every confirmation that the provider has issued is one that the oracle knows the reason of. */
  async #compareConfirmations(ta: TaId): Promise<void> {
    const known = this.#books.confirmationsOf(ta);
    const rows = await confirmationsAfter(this.bank, ta, Math.max(0, known.length - 1));
    const last = rows.at(-1);
    if (Number(last?.d ?? 0n) !== known.length) {
      throw new Violation("supply conservation", `${last?.d} confirmations, ${known.length} known`);
    }
    const entry = known.at(-1);
    if (last !== undefined && (last.amount !== entry?.amount || last.kind !== entry.kind)) {
      throw new Violation("supply conservation", `confirmation ${last.d} is for ${last.amount}`);
    }
  }
}
