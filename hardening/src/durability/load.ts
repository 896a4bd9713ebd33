import { setTimeout as sleep } from "node:timers/promises";
import { amount, unwrap } from "@bezant/protocol";
import type { Random } from "../random.ts";
import type { Person } from "./people.ts";

/** How operations ended, by their name and `ok` or the refusal's code. */
export type Ends = Map<string, number>;

/** What everybody does at once until told to stop: all operations that move money, in an order that chance decides. */
export class Load {
  readonly ends: Ends = new Map();
  readonly #people: readonly Person[];
  readonly #workers: Promise<void>[] = [];
  #isOver = false;

  constructor(people: readonly Person[]) {
    this.#people = people;
  }

  start(random: Random): void {
    this.#isOver = false;
    for (const person of this.#people) {
      const streams = [random.fork(), random.fork()];
      const workers = streams.map((stream) => this.#work(person, stream));
      // What goes wrong is told by `stop`, after which the servers are ended in good order.
      for (const worker of workers) worker.catch(() => undefined);
      this.#workers.push(...workers);
    }
  }

  /** Answers when the last operation under way has ended, well or badly. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#workers.splice(0));
  }

  async #work(person: Person, random: Random): Promise<void> {
    const weights = person.device === undefined ? MERCHANT : PAYER;
    while (!this.#isOver) {
      const operation = random.pick(weights);
      const ended = await OPERATIONS[operation](person, this.#people, random);
      const key = `${operation}: ${ended}`;
      this.ends.set(key, (this.ends.get(key) ?? 0) + 1);
      // A server that is down refuses at once; nobody needs to ask it a thousand times.
      if (!ended.startsWith("ok")) await sleep(random.integer(100, 1500));
    }
  }
}

type Operation = (person: Person, people: readonly Person[], random: Random) => Promise<string>;
type Ended = { readonly ok: boolean; readonly error?: { readonly code: string } };

const said = ({ ok, error }: Ended): string => (ok ? "ok" : (error?.code ?? "?"));

const OPERATIONS = {
  deposit: async ({ wallet }, _, random) =>
    said(await wallet.deposit({ amount: amount(BigInt(random.integer(50, 500))) })),
  withdraw: async ({ wallet }, _, random) => {
    const done = await wallet.withdraw({ amount: amount(BigInt(random.integer(1, 50))) });
    return done.ok && !done.value.credited ? "ok, on its way" : said(done);
  },
  payOffline: (person, people, random) => payOffline(person, people, random),
  payDevice: (person, people, random) => payDevice(person, people, random),
  payOnline: async (person, people, random) => {
    const { id: receiver, home: provider } = random.pick(people.filter((one) => one !== person));
    const x = amount(BigInt(random.integer(1, 100)));
    return said(await person.wallet.payOnline({ amount: x, receiver, provider }));
  },
  sync: async ({ wallet }) => said(await wallet.sync()),
  claimAll: async ({ wallet }) => said(await wallet.claim()),
  claimOne: async ({ wallet, received }, _, random) => {
    if (received.length === 0) return "nothing to claim";
    const [one] = received.splice(random.integer(0, received.length - 1), 1);
    return one === undefined ? "nothing to claim" : said(await wallet.claim([one]));
  },
  resume: async ({ wallet }) => said(await wallet.resume()),
} as const satisfies Record<string, Operation>;

type Choice = keyof typeof OPERATIONS;
const times = (n: number, choice: Choice): readonly Choice[] =>
  Array.from({ length: n }, () => choice);
const PAYER: readonly Choice[] = [
  ...times(3, "deposit"),
  ...times(2, "withdraw"),
  ...times(2, "payOnline"),
  ...times(4, "payOffline"),
  ...times(2, "payDevice"),
  "sync",
];
const MERCHANT: readonly Choice[] = [
  ...times(2, "claimAll"),
  ...times(2, "claimOne"),
  ...times(2, "payOnline"),
  "resume",
];

/** Some payments in a row, so that there is something to claim in batches. */
async function payOffline(
  person: Person,
  people: readonly Person[],
  random: Random,
): Promise<string> {
  const payee = random.pick(people.filter(({ device }) => device === undefined));
  for (let i = random.integer(1, 4); i > 0; i -= 1) {
    const x = amount(BigInt(random.integer(1, 40)));
    const withChain = payee.home !== person.home;
    const { message } = unwrap(await payee.wallet.requestPayment({ amount: x, withChain }));
    const paid = await person.wallet.pay(message);
    if (!paid.ok) return said(paid);
    person.paid.push(paid.value.amount);
    const { sender, j } = unwrap(await payee.wallet.receive(paid.value.message));
    payee.received.push({ sender, j });
  }
  return "ok";
}

/** From device to device: the payee has the money at once, and may withdraw it at a provider that never saw it go offline. */
async function payDevice(
  person: Person,
  people: readonly Person[],
  random: Random,
): Promise<string> {
  const others = people.filter((one) => one !== person && one.device !== undefined);
  if (others.length === 0) return "nobody to pay";
  const payee = random.pick(others);
  const x = amount(BigInt(random.integer(1, 40)));
  const withChain = payee.home !== person.home;
  const requested = await payee.wallet.requestPayment({ amount: x, withChain });
  if (!requested.ok) return said(requested);
  const paid = await person.wallet.pay(requested.value.message);
  if (!paid.ok) {
    unwrap(await payee.wallet.cancel(requested.value));
    return said(paid);
  }
  person.paid.push(paid.value.amount);
  const { outcome } = unwrap(await payee.wallet.receive(paid.value.message));
  payee.collected.push(paid.value.amount);
  unwrap(await person.wallet.settle(outcome));
  return "ok";
}
