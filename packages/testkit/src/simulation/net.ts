import type { Bank } from "./bank.ts";
import type { Process } from "./user.ts";
import type { Request, Response } from "./router.ts";

/** A request of a wallet that is on its way to a provider. */
export type Asking = {
  readonly process: Process;
  readonly bank: Bank;
  readonly request: Request;
  readonly settle: (response: Response | undefined) => void;
};

/** A provider's answer on its way back. */
export type Answering = Asking & { readonly response: Response };

/** A message from one user to another. */
export type Handing = { readonly to: number; readonly message: Uint8Array };

const REMEMBERED = 200;
const WAITING = 200;

/** All that is on its way, and all that the adversary has seen. */
export class Net {
  readonly requests: Asking[] = [];
  readonly answers: Answering[] = [];
  readonly handed: Handing[] = [];
  /** Requests seen by the adversary, to be repeated and changed. */
  readonly seenRequests: { readonly bank: Bank; readonly request: Request }[] = [];
  readonly seenMessages: Uint8Array[] = [];
  readonly seenAnswers: Uint8Array[] = [];
  /** Messages that were delivered. */
  delivered = 0;

  /** Told of every request of an honest wallet. */
  onAsk: (bank: Bank, request: Request) => void = () => undefined;

  ask(asking: Asking): void {
    this.onAsk(asking.bank, asking.request);
    this.requests.push(asking);
    if (asking.request.method === "POST") {
      remember(this.seenRequests, { bank: asking.bank, request: asking.request });
    }
  }

  answer(answering: Answering): void {
    if (answering.response.code === undefined) remember(this.seenAnswers, answering.response.body);
    this.answers.push(answering);
  }

  hand(to: number, message: Uint8Array): void {
    remember(this.seenMessages, message);
    // What nobody fetches is lost in the end, as on any network.
    if (this.handed.length >= WAITING) this.handed.shift();
    this.handed.push({ to, message });
  }

  /** Whatever belongs to a process that has died is of no use to anybody. */
  forget(process: Process): void {
    for (const list of [this.requests, this.answers]) {
      for (let i = list.length - 1; i >= 0; i--)
        if (list[i]?.process === process) list.splice(i, 1);
    }
  }
}

/** Takes one of a list out of it. */
export function take<T>(list: T[], at: number): T | undefined {
  return list.length === 0 ? undefined : list.splice(at % list.length, 1)[0];
}

function remember<T>(list: T[], item: T): void {
  if (list.length >= REMEMBERED) list.shift();
  list.push(item);
}
