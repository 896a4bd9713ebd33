import { randomBytes } from "node:crypto";
import { amount, unwrap, type Refusal, type Result } from "@bezant/protocol";
import type { OpenDatabase } from "@bezant/service/db";
import {
  createDatabase,
  startProxy,
  useServer,
  type Fault,
  type Proxy,
} from "@bezant/service/testing";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { openDatabase } from "../src/database.ts";
import { isBalanced } from "../src/index.ts";
import { World, type TestProvider } from "./support/world.ts";

const server = useServer();
let proxy: Proxy;

beforeAll(async () => {
  proxy = await startProxy(await createDatabase(server()));
});

/** What is sent; a model says what it does to reserves, prefund and circulation, once. */
interface Sent {
  readonly send: (world: World) => Promise<Result<unknown, Refusal>>;
}

type Step =
  | { readonly kind: "issue" | "deposit" | "claim"; readonly by: 0 | 1; readonly x: bigint }
  | { readonly kind: "pay"; readonly by: 0 | 1; readonly x: bigint }
  | { readonly kind: "close" }
  | { readonly kind: "again"; readonly which: number };

const who = fc.constantFrom<0 | 1>(0, 1);
const x = fc.bigInt({ min: 1n, max: 300n });
const steps = fc.array(
  fc.record({
    step: fc.oneof<fc.Arbitrary<Step>[]>(
      fc.record({ kind: fc.constantFrom("issue", "deposit", "claim", "pay"), by: who, x }),
      fc.record({ kind: fc.constant("close") }),
      fc.record({ kind: fc.constant("again"), which: fc.nat(30) }),
    ),
    fault: fc.constantFrom<Fault>("none", "none", "lose-request", "lose-answer"),
  }),
  { minLength: 8, maxLength: 16 },
);

class Model {
  readonly reserves = [500n, 500n];
  readonly prefund = [500n, 500n];
  readonly loss = [0n, 0n];
  circulation = 0n;
  own = 0n;
  issuance = 2000n;
  pending: [outward: bigint, inward: bigint][] = [
    [0n, 0n],
    [0n, 0n],
  ];

  close(): void {
    let net = 0n;
    for (const [i, [outward, inward]] of this.pending.entries()) {
      const covered = outward < this.prefund[i]! ? outward : this.prefund[i]!;
      this.prefund[i]! -= covered;
      this.loss[i]! += outward - covered;
      this.reserves[i]! += inward;
      net += outward - inward;
    }
    const standing = this.circulation - this.own + net;
    this.circulation = standing < 0n ? 0n : standing;
    this.own = standing < 0n ? -standing : 0n;
    this.pending = [
      [0n, 0n],
      [0n, 0n],
    ];
  }
}

/** The message of a step, and the step done to the model. */
async function prepare(step: Step, world: World, model: Model): Promise<Sent> {
  const providers: TestProvider[] = [world.a, world.b];
  switch (step.kind) {
    case "issue": {
      const provider = providers[step.by]!.id;
      const order = {
        kind: "issue",
        provider,
        orderId: randomBytes(16),
        amount: amount(step.x),
      } as const;
      const body = world.signOrder(order);
      model.issuance += step.x;
      model.reserves[step.by]! += step.x;
      return { send: () => world.bank.carryOut(body) };
    }
    case "deposit":
    case "claim": {
      const flows = step.kind === "deposit" ? { deposits: step.x } : { claims: step.x };
      const body = providers[step.by]!.report(flows);
      model.pending[step.by]![step.kind === "deposit" ? 0 : 1] += step.x;
      return { send: () => world.bank.report(body) };
    }
    case "pay": {
      const body = providers[step.by]!.payment(providers[1 - step.by]!, step.x);
      if (model.reserves[step.by]! >= step.x) {
        model.reserves[step.by]! -= step.x;
        model.reserves[1 - step.by]! += step.x;
      }
      return { send: () => world.bank.pay(body) };
    }
    case "close": {
      const window = unwrap(await world.bank.openWindow());
      const order = {
        kind: "close-window",
        orderId: randomBytes(16),
        window: Number(window),
      } as never;
      const body = world.signOrder(order);
      model.close();
      return { send: () => world.bank.carryOut(body) };
    }
    case "again":
      throw new Error("not a message of its own");
  }
}

/** As anybody would: the same bytes until there is an answer. */
async function insist({ send }: Sent, world: World, fault: Fault): Promise<void> {
  proxy.fault = fault;
  let answer = await send(world);
  proxy.fault = "none";
  for (let tries = 0; !answer.ok && tries < 5; tries += 1) {
    expect(["commit-unknown", "unavailable"]).toContain(answer.error.code);
    answer = await send(world);
  }
  expect(answer.ok).toBe(true);
}

test("whatever is lost, repeated, late or crashed, everything counts once", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      // A database of its own for each run, behind the same faulty network.
      const own = new URL(proxy.url);
      own.pathname = new URL(await createDatabase(server())).pathname;
      const db: OpenDatabase = unwrap(
        await openDatabase({ databaseUrl: own.href, maxConnections: 3 }),
      );
      const world = await (await World.on(db)).open();
      const model = new Model();
      const sent: Sent[] = [];
      for (const { step, fault } of script) {
        if (step.kind === "again") {
          const earlier = sent[step.which % Math.max(1, sent.length)];
          if (earlier !== undefined) await insist(earlier, world, fault);
          continue;
        }
        const message = await prepare(step, world, model);
        sent.push(message);
        await insist(message, world, fault);
      }
      // Everything once more, all at the same time.
      await Promise.all(sent.map(({ send }) => send(world)));
      const supply = unwrap(await world.bank.audit());
      expect(isBalanced(supply)).toBe(true);
      const { issuance, circulation, loss, providers } = supply;
      expect({ issuance, circulation, loss }).toEqual({
        issuance: model.issuance,
        circulation: model.circulation,
        loss: model.own,
      });
      expect(providers.map(({ reserves }) => reserves)).toEqual(model.reserves);
      expect(providers.map(({ prefund }) => prefund)).toEqual(model.prefund);
      expect(providers.map((one) => one.loss)).toEqual(model.loss);
      expect(providers.map((one) => one.pendingOutward)).toEqual(model.pending.map(([out]) => out));
      await db.close();
    }),
    { numRuns: 6 },
  );
});
