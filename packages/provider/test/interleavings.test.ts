import { randomBytes } from "node:crypto";
import {
  amount,
  claimAnswer,
  counter,
  decode,
  decodeSequence,
  outcome,
  payment,
  unwrap,
  type OutcomeKind,
} from "@bezant/protocol";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { useDatabase } from "./support/database.ts";
import {
  makeWorld,
  type Reply,
  type TestTa,
  type TestWallet,
  type World,
} from "./support/world/index.ts";
import { expectSupplyIdentity } from "./support/world/supply.ts";

// Whatever is sent in whatever order, at once, again, with answers lost: everything counts exactly once, and in the end all
// the money is where it should be.

const database = useDatabase();
let world: World;
beforeAll(async () => {
  world = await makeWorld(database());
});
expectSupplyIdentity(() => world);

const FUNDS = 10_000n;

/** A message that somebody has sent, and what its sender does with an answer, also if it is the second one. */
interface Letter {
  readonly send: () => Promise<Reply>;
  readonly receive: (reply: Reply) => void;
  isDone: boolean;
}

interface Person {
  readonly wallet: TestWallet;
  readonly ta: TestTa;
  /** What its online balance must be, apart from deposits. */
  expected: bigint;
  deposited: bigint;
}

/** A payment to a wallet, and how it ended. */
interface Paid {
  readonly bytes: Uint8Array;
  readonly payer: Person;
  readonly payee: Person;
  readonly x: bigint;
  end?: OutcomeKind;
}

class Town {
  readonly people: Person[] = [];
  readonly letters: Letter[] = [];
  readonly payments: Paid[] = [];

  async populate(): Promise<void> {
    for (let i = 0; i < 3; i += 1) {
      const [wallet, ta] = await world.walletWithTa(FUNDS);
      this.people.push({ wallet, ta, expected: FUNDS, deposited: 0n });
    }
  }

  post(letter: Omit<Letter, "isDone">): void {
    this.letters.push({ ...letter, isDone: false });
  }

  person(n: number): Person {
    return this.people[n % this.people.length]!;
  }

  /** Lets the TA apply confirmations as far as they follow on. */
  apply(person: Person, sequence: Uint8Array): void {
    const d = person.ta.d;
    try {
      for (const one of person.ta.apply(sequence)) {
        if (one.kind === "deposit" && one.d > d) person.deposited += one.amount;
      }
    } catch (error) {
      if (!(error instanceof Error && error.message === "deposit-gap")) throw error;
    }
  }

  deposit(person: Person, x: bigint): void {
    const { wallet, ta } = person;
    const body = wallet.depositRequest(ta.reserve(x));
    this.post({
      send: () => wallet.post("deposits", body),
      receive: (reply) => {
        if (reply.status === 200) {
          this.apply(person, reply.bytes());
        } else {
          expect(reply.code()).toBe("deposit-outstanding");
          const { confirmations } = reply.json() as { confirmations: string[] };
          this.apply(person, Buffer.from(confirmations.join(""), "hex"));
        }
      },
    });
  }

  withdraw(person: Person, x: bigint): void {
    const { wallet, ta } = person;
    if (x > ta.balance) return;
    const body = ta.withdraw(x);
    person.expected += x;
    this.post({
      send: () => wallet.post("withdrawals", body),
      receive: (reply) => {
        ta.acknowledge(reply.bytes());
      },
    });
  }

  payWallet(payer: Person, payee: Person, x: bigint): void {
    if (x > payer.ta.balance) return;
    const paid: Paid = { bytes: payer.ta.pay(payee.wallet.payee, x), payer, payee, x };
    this.payments.push(paid);
    this.post({
      send: () => payee.wallet.post("claims", paid.bytes),
      receive: (reply) => this.end(paid, reply.bytes()),
    });
  }

  claimAll(): void {
    const some = this.payments.slice(-6);
    if (some.length === 0) return;
    const body = Buffer.concat(some.map(({ bytes }) => bytes));
    this.post({
      send: () => world.http.sequence("/v1/claims", body),
      receive: (reply) => {
        const items = unwrap(decodeSequence(reply.bytes(), { maxItems: 6, maxItemSize: 2100 }));
        for (const [i, item] of items.entries()) {
          const answer = unwrap(decode(claimAnswer, item));
          expect(answer.kind).toBe("outcome");
          if (answer.kind === "outcome") this.end(some[i]!, answer.value);
        }
      },
    });
  }

  declineOne(at: number): void {
    const paid = this.payments[at % Math.max(1, this.payments.length)];
    if (paid === undefined) return;
    const { payee, payer, x, bytes } = paid;
    const { j } = unwrap(payment.parse(bytes)).payload;
    const body = payee.wallet.declineOrder(payer.ta.id, j, x);
    this.post({
      send: () => payee.wallet.post("declines", body),
      receive: (reply) => this.end(paid, reply.bytes()),
    });
  }

  /** A payment ends once, however often and by whichever way one asks. */
  end(paid: Paid, message: Uint8Array): void {
    const { kind } = unwrap(outcome.parse(message)).payload;
    if (paid.end !== undefined) {
      expect(kind).toBe(paid.end);
      return;
    }
    paid.end = kind;
    const { payer, payee, x, bytes } = paid;
    if (kind === "claimed") payee.expected += x;
    else this.refund(payer, bytes, message);
  }

  refund(payer: Person, paid: Uint8Array, ended: Uint8Array): void {
    const body = Buffer.concat([paid, ended]);
    this.post({
      send: () => payer.wallet.post("refunds", body),
      receive: (reply) => this.apply(payer, reply.bytes()),
    });
  }

  payTa(payer: Person, payee: Person, x: bigint, isVoid: boolean): void {
    if (x > payer.ta.balance || payer === payee) return;
    const bytes = payer.ta.pay({ receiver: payee.ta.id, receiverClass: "ta" }, x);
    if (!isVoid) {
      payee.ta.collect(bytes, payer.ta.id);
      return;
    }
    const ended = payee.ta.signOutcome({ kind: "void", r: counter(1), amount: amount(x) });
    this.refund(payer, bytes, ended);
  }

  payOnline(payer: Person, payee: Person, x: bigint): void {
    if (payer === payee) return;
    const body = payer.wallet.order(payee.wallet.id, x, randomBytes(16));
    payer.expected -= x;
    payee.expected += x;
    this.post({
      send: () => payer.wallet.post("payments", body),
      receive: (reply) => expect(reply.code()).toBe("ok"),
    });
  }

  sync({ wallet, ta }: Person): void {
    const body = ta.syncRequest(randomBytes(16));
    this.post({
      send: () => wallet.post("syncs", body),
      receive: (reply) => expect(ta.sync(reply.bytes()).w).toBeLessThanOrEqual(ta.w),
    });
  }

  /** Sends some letters at once; of the answers some are lost. */
  async deliver(letters: readonly Letter[], isLost: (i: number) => boolean): Promise<void> {
    const replies = await Promise.all(letters.map((letter) => letter.send()));
    for (const [i, reply] of replies.entries()) {
      if (reply.code() === "withdrawal-gap" || isLost(i)) continue;
      letters[i]!.receive(reply);
      letters[i]!.isDone = true;
    }
  }

  /** Everything is sent again, one after the other, until nothing is left to do. */
  async settle(): Promise<void> {
    for (let round = 0; round < 3; round += 1) {
      // An answer may cause another letter.
      for (let i = 0; i < this.letters.length; i += 1) {
        await this.deliver([this.letters[i]!], () => false);
      }
    }
  }
}

interface Step {
  readonly what: number;
  readonly who: number;
  readonly whom: number;
  readonly x: bigint;
  readonly at: number;
  readonly copies: number;
  readonly lost: number;
}

const steps = fc.array(
  fc.record({
    what: fc.nat({ max: 9 }),
    who: fc.nat({ max: 2 }),
    whom: fc.nat({ max: 2 }),
    x: fc.bigInt(1n, 60n),
    at: fc.nat({ max: 1000 }),
    copies: fc.integer({ min: 1, max: 3 }),
    lost: fc.nat({ max: 7 }),
  }),
  { minLength: 20, maxLength: 45 },
);

function act(town: Town, { what, who, whom, x, at }: Step): void {
  const [one, other] = [town.person(who), town.person(whom)];
  const actions = [
    () => town.deposit(one, 10n * x),
    () => town.deposit(one, 20n * x),
    () => town.withdraw(one, x),
    () => town.payWallet(one, other, x),
    () => town.claimAll(),
    () => town.declineOne(at),
    () => town.payTa(one, other, x, at % 2 === 0),
    () => town.payOnline(one, other, x),
    () => town.sync(one),
    // Only old letters.
    () => undefined,
  ];
  actions[what]!();
}

test("every interleaving of everything counts once and loses nothing", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      const town = new Town();
      await town.populate();
      for (const step of script) {
        act(town, step);
        const { at, copies, lost } = step;
        const count = town.letters.length;
        // Some new, some old, some twice.
        const sent = Array.from({ length: Math.min(copies, count) }, (_, i) => {
          const back = i === 0 ? 0 : (at * (i + 1)) % count;
          return town.letters[count - 1 - back]!;
        });
        await town.deliver(sent, (i) => ((lost >> i) & 1) === 1);
      }
      await town.settle();
      expect(town.letters.every(({ isDone }) => isDone)).toBe(true);
      for (const { wallet, expected, deposited } of town.people) {
        expect(await wallet.online()).toBe(expected - deposited);
      }
      const online = await Promise.all(town.people.map(({ wallet }) => wallet.online()));
      const offline = town.people.map(({ ta }) => ta.balance);
      const all = [...online, ...offline].reduce((sum, one) => sum + one);
      expect(all).toBe(3n * FUNDS);
    }),
    { numRuns: 12 },
  );
});
