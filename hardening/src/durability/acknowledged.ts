import {
  claimAnswer,
  decode,
  decodeSequence,
  depositConfirmation,
  outcome,
  unwrap,
  withdrawal,
  withdrawalAcknowledgement,
} from "@bezant/protocol";
import type { Fetch, HttpRequest } from "@bezant/wallet";

export const KINDS = ["deposit", "withdrawal", "claim", "payment"] as const;
export type Kind = (typeof KINDS)[number];

/** What happened, by its idempotency key: `client/number` → the amount, and whatever else must not differ. */
export type Facts = Readonly<Record<Kind, ReadonlyMap<string, string>>>;

const ITEMS = { maxItems: 4096, maxItemSize: 4096 };

/**
 * Everything that the provider has acknowledged to anybody, read off its answers as they arrive: from then on it may
 * never be missing. What wallets make of the answers does not matter here.
 */
export class Acknowledged implements Facts {
  readonly deposit = new Map<string, string>();
  readonly withdrawal = new Map<string, string>();
  readonly claim = new Map<string, string>();
  readonly payment = new Map<string, string>();
  /** Two answers that cannot both be true. */
  readonly contradictions: string[] = [];
  /** Requests that move money and got no answer at all, or one that says that nobody knows. */
  unanswered = 0;

  /** A `fetch` that notes what comes back over it. */
  readonly fetch: Fetch = async (url, request) => {
    const movesMoney = /\/(?:deposits|withdrawals|claims|payments)$/.test(url);
    try {
      const answer = await fetch(url, { ...request, signal: AbortSignal.timeout(30_000) });
      const body = new Uint8Array(await answer.arrayBuffer());
      if (movesMoney) this.#note(url, request, answer.status, body);
      return new Response(body, { status: answer.status, headers: answer.headers });
    } catch (error) {
      if (movesMoney && !wasRefused(error)) this.unanswered += 1;
      throw error;
    }
  };

  count(): number {
    return KINDS.reduce((sum, kind) => sum + this[kind].size, 0);
  }

  #note(url: string, { body }: HttpRequest, status: number, answer: Uint8Array): void {
    const [, client = "", path = ""] = /\/v1\/(?:clients\/([0-9a-f]{64})\/)?(\w+)$/.exec(url) ?? [];
    if (status !== 200 && status !== 201) {
      const problem = JSON.parse(new TextDecoder().decode(answer)) as Problem;
      if (problem.code === "commit-unknown") this.unanswered += 1;
      for (const one of problem.confirmations ?? [])
        this.#confirmed(client, Buffer.from(one, "hex"));
    } else if (path === "deposits") {
      for (const one of unwrap(decodeSequence(answer, ITEMS))) this.#confirmed(client, one);
    } else if (path === "withdrawals") {
      this.#credited(client, body ?? new Uint8Array(), answer);
    } else if (path === "payments") {
      const receipt = JSON.parse(new TextDecoder().decode(answer)) as Receipt;
      const what = `${receipt.receiver}:${receipt.amount}`;
      this.#add("payment", `${client}/${receipt.orderId}`, what);
    } else if (client !== "") {
      this.#claimed(answer);
    } else {
      for (const one of unwrap(decodeSequence(answer, ITEMS))) {
        const { kind, value } = unwrap(decode(claimAnswer, one));
        if (kind === "outcome") this.#claimed(value);
      }
    }
  }

  #confirmed(client: string, message: Uint8Array): void {
    const { d, kind, amount } = unwrap(depositConfirmation.parse(message)).payload;
    this.#add("deposit", `${client}/${d}`, `${kind}:${amount}`);
  }

  #credited(client: string, order: Uint8Array, answer: Uint8Array): void {
    const { w, amount } = unwrap(withdrawal.parse(order)).payload;
    const acknowledged = unwrap(withdrawalAcknowledgement.parse(answer)).payload.w;
    if (acknowledged >= w) this.#add("withdrawal", `${client}/${w}`, `withdrawal:${amount}`);
  }

  #claimed(message: Uint8Array): void {
    const ended = unwrap(outcome.parse(message)).payload;
    if (ended.kind !== "claimed") throw new Error(`a claim was answered by ${ended.kind}`);
    const { receiver, sender, j, amount } = ended;
    this.#add("claim", `${receiver}/${sender}/${j}`, `claimed:${amount}`);
  }

  #add(kind: Kind, key: string, what: string): void {
    const before = this[kind].get(key);
    if (before !== undefined && before !== what) {
      this.contradictions.push(`${kind} ${key} was answered by ${before} and by ${what}`);
    }
    this[kind].set(key, what);
  }
}

/** Nobody listened, so nobody can have done anything. */
function wasRefused(error: unknown): boolean {
  const { cause } = error as { readonly cause?: { readonly code?: string } };
  return cause?.code === "ECONNREFUSED";
}

type Problem = { readonly code?: string; readonly confirmations?: readonly string[] };
type Receipt = { readonly orderId: string; readonly receiver: string; readonly amount: string };
