import { randomBytes } from "node:crypto";
import {
  amount,
  err,
  institutionId,
  onlinePaymentOrder,
  unwrap,
  type ProviderId,
} from "@bezant/protocol";
import { describe, expect, test } from "vitest";
import type { Database } from "@bezant/service/db";
import { createProvider } from "../src/index.ts";
import type { TestWallet } from "./support/world/index.ts";
import { newKey, TestWallet as Wallet } from "./support/world/index.ts";
import { expectConservation, settleWell, useSettled } from "./support/world/settled.ts";

const settled = useSettled();
expectConservation(settled);

interface Receipt {
  readonly status: string;
  readonly reason?: string;
  readonly provider?: string;
}

function orderTo(
  payer: TestWallet,
  payee: TestWallet,
  x: bigint,
  provider: ProviderId = payee.home,
) {
  const content = { amount: amount(x), receiver: payee.id, orderId: randomBytes(16), provider };
  return payer.say(onlinePaymentOrder, content);
}

async function pay(payer: TestWallet, order: Uint8Array): Promise<Receipt> {
  return JSON.parse(
    Buffer.from((await payer.post("payments", order)).bytes()).toString(),
  ) as Receipt;
}

/** A wallet of beta that it does not know. */
function stranger(): TestWallet {
  const { world } = settled().beta;
  return new Wallet(world.http, world.id, world.institutions.root, newKey());
}

describe("an online payment to a client of another provider", () => {
  test("is settled by the central bank, and credited once by the payee's provider", async () => {
    const { alpha, beta } = settled();
    const [payer, payee] = [await alpha.world.wallet(100n), await beta.world.wallet()];
    const order = orderTo(payer, payee, 30n);
    expect(await pay(payer, order)).toMatchObject({ status: "settled", provider: "beta" });
    expect(await payer.online()).toBe(70n);
    expect(await payee.online()).toBe(0n);
    expect((await settleWell(beta)).advices).toBe(1);
    expect((await settleWell(beta)).advices).toBe(0);
    expect(await payee.online()).toBe(30n);
    expect(await pay(payer, order)).toMatchObject({ status: "settled" });
    expect(await payer.online()).toBe(70n);
    const history = (await payee.get("history")).json();
    expect(history).toMatchObject({
      entries: [{ operation: "interbank-received", party: payer.id, amount: "30" }],
    });
  });

  test("waits in the outbox while the central bank cannot be reached, and is then the same payment", async () => {
    const { alpha, beta } = settled();
    const [payer, payee] = [await alpha.world.wallet(100n), await beta.world.wallet()];
    for (const fault of ["lose-request", "lose-answer"] as const) {
      const order = orderTo(payer, payee, 10n);
      alpha.faults.push(fault);
      expect(await pay(payer, order)).toMatchObject({ status: "pending" });
      expect((await settleWell(alpha)).settled).toBe(1);
      expect(await pay(payer, order)).toMatchObject({ status: "settled" });
    }
    await settleWell(beta);
    expect([await payer.online(), await payee.online()]).toEqual([80n, 20n]);
  });

  // A simulation with a central bank may meet it at any seed: the third transaction of the request fails.
  test("that has left the payer is never answered as one that moved nothing", async () => {
    const { alpha, beta } = settled();
    const [payer, payee] = [await alpha.world.wallet(100n), await beta.world.wallet()];
    const { parts } = alpha.world;
    let left = 2;
    const db: Database = {
      ...parts.db,
      query: (...statement) => parts.db.query(...statement),
      transaction: (work) => {
        left -= 1;
        if (left >= 0) return parts.db.transaction(work);
        return Promise.resolve(err({ code: "database-unavailable", detail: "planned" } as const));
      },
    };
    const provider = unwrap(await createProvider({ ...parts, db }));
    const paid = await provider.payOnline(payer.id, orderTo(payer, payee, 10n));
    expect(paid).toMatchObject({ ok: true, value: { status: "pending" } });
    expect(await payer.online()).toBe(90n);
    await settleWell(beta);
    expect(await payee.online()).toBe(10n);
  });

  test("comes back to the payer where the payee's provider has no such client, once", async () => {
    const { alpha, beta } = settled();
    const payer = await alpha.world.wallet(100n);
    const closed = await beta.world.wallet();
    await beta.world.setStatus(closed.id, "closed");
    for (const payee of [stranger(), closed]) {
      const order = orderTo(payer, payee, 40n);
      expect(await pay(payer, order)).toMatchObject({ status: "settled" });
      expect(await payer.online()).toBe(60n);
      expect(await settleWell(beta)).toMatchObject({ advices: 1, givenBack: 1 });
      expect(await settleWell(beta)).toMatchObject({ advices: 0, givenBack: 0 });
      await settleWell(alpha);
      expect(await pay(payer, order)).toMatchObject({
        status: "returned",
        reason: "unknown-client",
      });
      expect(await payer.online()).toBe(100n);
    }
  });

  test("of a payee that is frozen waits in suspense", async () => {
    const { alpha, beta } = settled();
    const [payer, payee] = [await alpha.world.wallet(9n), await beta.world.wallet()];
    await beta.world.setStatus(payee.id, "frozen");
    await pay(payer, orderTo(payer, payee, 9n));
    await settleWell(beta);
    expect((await payee.get("balance")).json()).toMatchObject({ online: "0", suspense: "9" });
  });

  test("that the central bank refuses comes back at once, and says why", async () => {
    const { alpha, beta, bank } = settled();
    const [payer, payee] = [await alpha.world.wallet(50n), await beta.world.wallet()];
    const nowhere = orderTo(payer, payee, 5n, institutionId("nowhere"));
    const unknown = { status: "returned", reason: "unknown-provider" };
    expect(await pay(payer, nowhere)).toMatchObject(unknown);
    expect(await pay(payer, nowhere)).toMatchObject(unknown);
    const account = bank.of(alpha.world.id);
    const { reserves } = account;
    account.reserves = 4n;
    const poor = orderTo(payer, payee, 5n);
    expect(await pay(payer, poor)).toMatchObject({ reason: "insufficient-reserves" });
    account.reserves = reserves;
    // What was refused stays refused; a new order is a new payment.
    expect(await pay(payer, poor)).toMatchObject({ reason: "insufficient-reserves" });
    expect(await payer.online()).toBe(50n);
  });

  test("follows the same rules as any order", async () => {
    const { alpha, beta } = settled();
    const [payer, payee] = [await alpha.world.wallet(10n), await beta.world.wallet()];
    const code = async (order: Uint8Array) => (await payer.post("payments", order)).code();
    expect(await code(orderTo(payer, payee, 11n))).toBe("insufficient-balance");
    const orderId = randomBytes(16);
    const content = { amount: amount(1n), receiver: payee.id, orderId, provider: payee.home };
    expect(await code(payer.say(onlinePaymentOrder, content))).toBe("ok");
    const other = { ...content, provider: institutionId("gamma") };
    expect(await code(payer.say(onlinePaymentOrder, other))).toBe("order-conflict");
    await alpha.world.setStatus(payer.id, "frozen");
    expect(await code(orderTo(payer, payee, 1n))).toBe("client-frozen");
    // Naming the own provider is the same as naming none.
    const [a, b] = [await alpha.world.wallet(10n), await alpha.world.wallet()];
    expect(await pay(a, orderTo(a, b, 4n))).toMatchObject({ status: "settled" });
    expect(await b.online()).toBe(4n);
  });

  test("survives a crash of either provider at any step", { timeout: 300_000 }, async () => {
    const { alpha, beta } = settled();
    const payer = await alpha.world.wallet(10_000n);
    const payee = await beta.world.wallet();
    let paid = 0n;
    for (const settler of [alpha, beta]) {
      let places = 1;
      for (const when of ["before", "after"] as const) {
        for (let at = 0; at < places; at += 1) {
          // One that arrives, and one that comes back; both wait in the outbox.
          alpha.faults.push("lose-request", "lose-request");
          expect(await pay(payer, orderTo(payer, payee, 3n))).toMatchObject({ status: "pending" });
          expect(await pay(payer, orderTo(payer, stranger(), 2n))).toMatchObject({
            status: "pending",
          });
          paid += 3n;
          if (settler === beta) await settleWell(alpha);
          settler.crashes.plan(at, when);
          await settler.settle();
          places = Math.max(places, Math.min(settler.crashes.passed, 40));
          settler.crashes.clear();
          for (const one of [alpha, beta, alpha]) await settleWell(one);
        }
      }
    }
    expect(await payee.online()).toBe(paid);
    expect(await payer.online()).toBe(10_000n - paid);
  });

  test("is booked once also by several servers at once", async () => {
    const { alpha, beta } = settled();
    const payer = await alpha.world.wallet(100n);
    const payee = await beta.world.wallet();
    for (let round = 0; round < 5; round += 1) {
      await pay(payer, orderTo(payer, payee, 2n));
      await pay(payer, orderTo(payer, stranger(), 1n));
      await Promise.all([1, 2, 3].map(() => beta.settle()));
      await Promise.all([1, 2, 3].map(() => alpha.settle()));
    }
    expect([await payer.online(), await payee.online()]).toEqual([90n, 10n]);
  });
});

test("a provider without a central bank pays nobody else's clients, and settles nothing", async () => {
  const { alpha, beta } = settled();
  const { makeWorld } = await import("./support/world/index.ts");
  const { world } = alpha;
  const alone = await makeWorld(world.db, { id: "alone", institutions: world.institutions });
  const [payer, payee] = [await alone.wallet(), await beta.world.wallet()];
  const refused = await payer.post("payments", orderTo(payer, payee, 1n));
  expect(refused.code()).toBe("no-settlement");
  expect(await alone.provider.settle()).toMatchObject({ error: { code: "no-settlement" } });
  expect(unwrap(await world.provider.audit()).mismatches).toEqual([]);
});
