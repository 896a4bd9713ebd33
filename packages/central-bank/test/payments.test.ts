import { randomBytes } from "node:crypto";
import { amount, counter, unwrap, type PaymentAdvice } from "@bezant/protocol";
import { beforeEach, describe, expect, test } from "vitest";
import { isBalanced } from "../src/index.ts";
import { useDatabases } from "./support/database.ts";
import { interbankAnswer, TestProvider, wallet, World } from "./support/world.ts";

const newDatabase = useDatabases();
let world: World;
beforeEach(async () => {
  world = await (await World.on(await newDatabase())).open();
});

const refused = (code: string) => ({ ok: false, error: { code } });

async function pay(payment: Uint8Array) {
  return world.a.hears(interbankAnswer, unwrap(await world.bank.pay(payment)));
}

function returnOf({ n, payerProvider, instruction, amount: x }: PaymentAdvice) {
  return { n, payerProvider, instruction, amount: x, reason: "unknown-client" };
}

describe("a payment between providers", () => {
  test("moves reserves at once, and the payee's provider is advised", async () => {
    const payment = world.a.payment(world.b, 120n);
    const [first, again] = [await pay(payment), await pay(payment)];
    expect(first.kind).toBe("settled");
    expect(again).toEqual(first);
    expect(await world.balances(world.a)).toEqual([380n, 500n]);
    expect(await world.balances(world.b)).toEqual([620n, 500n]);
    const advices = await world.advices(world.b);
    expect(advices).toHaveLength(1);
    expect(advices[0]).toMatchObject({
      kind: "payment",
      n: 1,
      payerProvider: "bank-a",
      payer: wallet(1),
      payee: wallet(2),
      amount: 120n,
    });
    expect(await world.advices(world.b, 1)).toEqual([]);
    expect(await world.advices(world.a)).toEqual([]);
  });

  test("sent many times at once moves once, and payments that cross do not wait for each other", async () => {
    const there = Array.from({ length: 6 }, () => world.a.payment(world.b, 10n));
    const back = Array.from({ length: 6 }, () => world.b.payment(world.a, 7n));
    const all = [...there, ...back, ...there, ...back];
    const answers = await Promise.all(all.map((body) => world.bank.pay(body)));
    expect(answers.every(({ ok }) => ok)).toBe(true);
    expect(await world.balances(world.a)).toEqual([482n, 500n]);
    expect((await world.advices(world.b)).map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("that is refused is refused for ever, so that the payer can have its money back", async () => {
    const payment = world.a.payment(world.b, 501n);
    expect(await pay(payment)).toMatchObject({ kind: "refused", reason: "insufficient-reserves" });
    unwrap(await world.order({ kind: "issue", provider: world.a.id, amount: amount(1000n) }));
    expect(await pay(payment)).toMatchObject({ kind: "refused", reason: "insufficient-reserves" });
    expect(await world.balances(world.b)).toEqual([500n, 500n]);
    expect(await world.advices(world.b)).toEqual([]);
  });

  test("to nobody, to itself, to or from a suspended provider is refused for ever", async () => {
    const stranger = new TestProvider("bank-x", world.institutions, world.clock);
    expect(await pay(world.a.payment(stranger, 1n))).toMatchObject({ reason: "unknown-provider" });
    expect(await pay(world.a.payment(world.a, 1n))).toMatchObject({ reason: "wrong-audience" });
    unwrap(await world.order({ kind: "suspend", provider: world.b.id }));
    expect(await pay(world.a.payment(world.b, 1n))).toMatchObject({ reason: "provider-suspended" });
    expect(await world.bank.pay(stranger.payment(world.a, 1n))).toMatchObject(
      refused("unknown-provider"),
    );
  });

  test("uses an instruction's number for one payment, of its own provider", async () => {
    const instruction = randomBytes(16);
    await pay(world.a.payment(world.b, 1n, { instruction }));
    const other = world.a.payment(world.b, 2n, { instruction });
    expect(await world.bank.pay(other)).toMatchObject(refused("order-conflict"));
    unwrap(await world.bank.pay(world.b.payment(world.a, 5n, { instruction })));
    expect(await world.balances(world.a)).toEqual([504n, 500n]);
  });
});

describe("a return", () => {
  test("gives the money back once, and the payer's provider is advised and told", async () => {
    const payment = world.a.payment(world.b, 30n);
    await pay(payment);
    const [advice] = await world.advices(world.b);
    const giveBack = world.b.giveBack(returnOf(advice!));
    const answers = await Promise.all([1, 2, 3].map(() => world.bank.giveBack(giveBack)));
    for (const answer of answers) {
      const said = world.b.hears(interbankAnswer, unwrap(answer));
      expect(said).toMatchObject({ kind: "returned", reason: "unknown-client" });
    }
    expect(await world.balances(world.a)).toEqual([500n, 500n]);
    expect(await pay(payment)).toMatchObject({ kind: "returned", amount: 30n });
    expect(await world.advices(world.a)).toMatchObject([{ kind: "return", n: 1, amount: 30n }]);
    expect(isBalanced(unwrap(await world.bank.audit()))).toBe(true);
  });

  test("of anything but an advice of a payment to this provider is refused", async () => {
    await pay(world.a.payment(world.b, 30n));
    const [advice] = await world.advices(world.b);
    const right = returnOf(advice!);
    const wrongs = [
      { ...right, n: counter(2) },
      { ...right, amount: amount(29n) },
      { ...right, instruction: randomBytes(16) },
      { ...right, payerProvider: world.b.id },
    ];
    for (const wrong of wrongs) {
      expect(await world.bank.giveBack(world.b.giveBack(wrong))).toMatchObject(
        refused("unknown-advice"),
      );
    }
    // Not by the payer's provider, and a return cannot be returned.
    expect(await world.bank.giveBack(world.a.giveBack(right))).toMatchObject(
      refused("unknown-advice"),
    );
    unwrap(await world.bank.giveBack(world.b.giveBack(right)));
    const [returned] = await world.advices(world.a);
    expect(await world.bank.giveBack(world.a.giveBack(returnOf(returned!)))).toMatchObject(
      refused("unknown-advice"),
    );
  });

  test("waits until the reserves are there again", async () => {
    await pay(world.a.payment(world.b, 30n));
    const [advice] = await world.advices(world.b);
    const redeem = { kind: "redeem", provider: world.b.id, amount: amount(530n) } as const;
    unwrap(await world.order(redeem));
    const giveBack = world.b.giveBack(returnOf(advice!));
    expect(await world.bank.giveBack(giveBack)).toMatchObject(refused("insufficient-reserves"));
    unwrap(await world.order({ ...redeem, kind: "issue" }));
    unwrap(await world.bank.giveBack(giveBack));
    expect(await world.balances(world.b)).toEqual([500n, 500n]);
  });
});
