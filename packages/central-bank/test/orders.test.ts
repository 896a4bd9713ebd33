import { randomBytes } from "node:crypto";
import { amount, counter, MAX_AMOUNT, unwrap } from "@bezant/protocol";
import { beforeEach, describe, expect, test } from "vitest";
import { useDatabases } from "./support/database.ts";
import { allowance, newKey, World } from "./support/world.ts";

const newDatabase = useDatabases();
let world: World;
beforeEach(async () => {
  world = await World.on(await newDatabase());
});

const refused = (code: string) => ({ ok: false, error: { code } });
const { issue, redeem } = { issue: "issue", redeem: "redeem" } as const;

describe("the operator's orders", () => {
  test("issue into a provider's reserves and redeem from them, and the supply adds up", async () => {
    await world.open(1000n, 0n + 1n);
    const { id: provider } = world.a;
    unwrap(await world.order({ kind: redeem, provider, amount: amount(999n) }));
    expect(await world.balances(world.a)).toEqual([0n, 1n]);
    expect(await world.order({ kind: redeem, provider, amount: amount(1n) })).toMatchObject(
      refused("insufficient-reserves"),
    );
    const supply = unwrap(await world.bank.audit());
    expect(supply).toMatchObject({ issuance: 1001n, circulation: 0n, loss: 0n, tampered: [] });
  });

  test("count once for their id, and one id is for one order", async () => {
    await world.open();
    const order = { kind: issue, orderId: randomBytes(16), provider: world.a.id } as const;
    const signed = world.signOrder({ ...order, amount: amount(7n) });
    const again = world.signOrder({ ...order, amount: amount(7n) });
    for (const body of [signed, signed, again]) unwrap(await world.bank.carryOut(body));
    await Promise.all([signed, again, signed].map((body) => world.bank.carryOut(body)));
    expect(await world.balances(world.a)).toEqual([507n, 500n]);
    const other = world.signOrder({ ...order, amount: amount(8n) });
    expect(await world.bank.carryOut(other)).toMatchObject(refused("order-conflict"));
  });

  test("that were refused may be carried out later under the same id", async () => {
    await world.open();
    const orderId = randomBytes(16);
    const order = world.signOrder({
      kind: redeem,
      orderId,
      provider: world.a.id,
      amount: amount(600n),
    });
    expect(await world.bank.carryOut(order)).toMatchObject(refused("insufficient-reserves"));
    unwrap(await world.order({ kind: issue, provider: world.a.id, amount: amount(100n) }));
    unwrap(await world.bank.carryOut(order));
    expect(await world.balances(world.a)).toEqual([0n, 500n]);
  });

  test("of anybody else, or for a provider that was never opened, are refused", async () => {
    const provider = world.a.id;
    const order = { kind: issue, orderId: randomBytes(16), provider, amount: amount(1n) } as const;
    expect(await world.bank.carryOut(world.signOrder(order, newKey()))).toMatchObject(
      refused("unknown-issuer"),
    );
    expect(await world.order({ kind: issue, provider, amount: amount(1n) })).toMatchObject(
      refused("unknown-provider"),
    );
    const forged = world.signOrder(order);
    forged[forged.length - 1]! ^= 1;
    expect(await world.bank.carryOut(forged)).toMatchObject(refused("bad-signature"));
    expect(await world.bank.carryOut(randomBytes(40))).toMatchObject(refused("malformed"));
  });

  test("cannot issue more than can be counted", async () => {
    await world.open();
    const provider = world.a.id;
    expect(await world.order({ kind: issue, provider, amount: MAX_AMOUNT })).toMatchObject(
      refused("issuance-limit"),
    );
    unwrap(await world.order({ kind: issue, provider, amount: amount(MAX_AMOUNT - 2000n) }));
    expect(await world.order({ kind: issue, provider, amount: amount(1n) })).toMatchObject(
      refused("issuance-limit"),
    );
    // Nor may what is reported make it so.
    const report = world.a.report({ claims: 1n });
    expect(await world.bank.report(report)).toMatchObject(refused("issuance-limit"));
  });
});

describe("an allowance", () => {
  test("is raised by the operator or by the provider, out of its reserves, and only upwards", async () => {
    await world.open();
    const raised = world.a.hears(
      allowance,
      unwrap(await world.bank.requestAllowance(world.a.wants(800n))),
    );
    expect(raised).toEqual({ n: 2, amount: 800n });
    for (const wanted of [800n, 10n]) {
      const answer = unwrap(await world.bank.requestAllowance(world.a.wants(wanted)));
      expect(world.a.hears(allowance, answer)).toEqual(raised);
    }
    expect(await world.balances(world.a)).toEqual([200n, 800n]);
    expect(await world.bank.requestAllowance(world.a.wants(1001n))).toMatchObject(
      refused("insufficient-reserves"),
    );
  });

  test("stays below the limit of the provider, and needs one that is open", async () => {
    await world.open();
    const provider = world.a.id;
    unwrap(await world.order({ kind: "open", provider, limit: amount(600n) }));
    expect(await world.bank.requestAllowance(world.a.wants(601n))).toMatchObject(
      refused("allowance-limit"),
    );
    unwrap(await world.order({ kind: "suspend", provider }));
    expect(await world.bank.requestAllowance(world.a.wants(600n))).toMatchObject(
      refused("provider-suspended"),
    );
    unwrap(await world.bank.report(world.a.report({ deposits: 100n })));
    await world.closeWindow();
    unwrap(await world.order({ kind: "open", provider, limit: amount(600n) }));
    // 100 of the prefunding are used: 100 more fit.
    unwrap(await world.bank.requestAllowance(world.a.wants(700n)));
    expect(await world.balances(world.a)).toEqual([300n, 600n]);
  });

  test("asked for many times at once costs once", async () => {
    await world.open();
    const bodies = [600n, 700n, 600n, 700n, 650n].map((x) => world.a.wants(x));
    const answers = await Promise.all(bodies.map((body) => world.bank.requestAllowance(body)));
    expect(answers.every(({ ok }) => ok)).toBe(true);
    expect(await world.balances(world.a)).toEqual([300n, 700n]);
  });
});

test("a window is closed by its number, once", async () => {
  await world.open();
  const close = (window: number) => world.order({ kind: "close-window", window: counter(window) });
  unwrap(await close(1));
  expect(await close(1)).toMatchObject(refused("window-closed"));
  expect(await close(0)).toMatchObject(refused("unknown-window"));
  expect(await close(3)).toMatchObject(refused("unknown-window"));
  const answers = await Promise.all([close(2), close(2), close(2)]);
  expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  expect(unwrap(await world.bank.openWindow())).toBe(3n);
});
