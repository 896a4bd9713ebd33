import { randomBytes } from "node:crypto";
import { amount } from "@bezant/protocol";
import { beforeAll, describe, expect, test } from "vitest";
import { useDatabase } from "./support/database.ts";
import { makeWorld, TestWallet, type World } from "./support/world/index.ts";
import { expectSupplyIdentity } from "./support/world/supply.ts";

const database = useDatabase();
let world: World;
beforeAll(async () => {
  world = await makeWorld(database());
});
expectSupplyIdentity(() => world);

const pair = async (funds: bigint): Promise<[TestWallet, TestWallet]> => [
  await world.wallet(funds),
  await world.wallet(),
];

describe("online payment", () => {
  test("moves money between two clients, once for each order", async () => {
    const [payer, payee] = await pair(100n);
    const order = payer.order(payee.id, 30n, randomBytes(16));
    const replies = await Promise.all(
      Array.from({ length: 6 }, () => payer.post("payments", order)),
    );
    const receipts = new Set(replies.map((reply) => reply.text()));
    expect(receipts.size).toBe(1);
    expect(replies[0]!.json()).toMatchObject({ amount: "30", receiver: payee.id });
    expect([await payer.online(), await payee.online()]).toEqual([70n, 30n]);
  });

  test("one order id is one order", async () => {
    const [payer, payee] = await pair(100n);
    const id = randomBytes(16);
    await payer.post("payments", payer.order(payee.id, 30n, id));
    const other = await payer.post("payments", payer.order(payee.id, 31n, id));
    expect(other.code()).toBe("order-conflict");
    expect(await payer.online()).toBe(70n);
  });

  test("clients who pay each other at once neither deadlock nor lose money", async () => {
    const wallets = await Promise.all([1, 2, 3].map(() => world.wallet(100n)));
    const orders = Array.from({ length: 60 }, (_, i) => {
      const [payer, payee] = [wallets[i % 3]!, wallets[(i + 1 + (i % 2)) % 3]!];
      return payer.post("payments", payer.order(payee.id, 1n, randomBytes(16)));
    });
    for (const reply of await Promise.all(orders)) expect(reply.code()).toBe("ok");
    const balances = await Promise.all(wallets.map((wallet) => wallet.online()));
    expect(balances.reduce((sum, one) => sum + one)).toBe(300n);
  });

  test("orders at once cannot overdraw", async () => {
    const [payer, payee] = await pair(100n);
    const replies = await Promise.all(
      Array.from({ length: 8 }, () =>
        payer.post("payments", payer.order(payee.id, 40n, randomBytes(16))),
      ),
    );
    const codes = replies.map((reply) => reply.code());
    expect(codes.filter((code) => code === "ok").length).toBe(2);
    expect([await payer.online(), await payee.online()]).toEqual([20n, 80n]);
  });

  test("to oneself, to a stranger or to a closed account is refused; to a frozen one it waits", async () => {
    const [payer, payee] = await pair(100n);
    const stranger = new TestWallet(world.http, world.id, world.institutions.root);
    const code = async (receiver: TestWallet): Promise<string> =>
      (await payer.post("payments", payer.order(receiver.id, 1n, randomBytes(16)))).code();
    expect(await code(payer)).toBe("self-payment");
    expect(await code(stranger)).toBe("unknown-client");
    await world.setStatus(payee.id, "closed");
    expect(await code(payee)).toBe("unknown-client");
    await world.setStatus(payee.id, "frozen");
    expect(await code(payee)).toBe("ok");
    expect((await payee.get("balance")).json()).toMatchObject({ online: "0", suspense: "1" });
    await world.setStatus(payer.id, "frozen");
    expect(await code(await world.wallet())).toBe("client-frozen");
    expect(await payer.online()).toBe(99n);
  });
});

describe("operator's orders", () => {
  test("funding counts once for each order id", async () => {
    const wallet = await world.wallet();
    const content = { kind: "fund", client: wallet.id, orderId: randomBytes(16) } as const;
    const send = (body: Uint8Array) => world.http.cose("/operator/v1/orders", body);
    const order = world.order({ ...content, amount: amount(500n) });
    await Promise.all([send(order), send(order), send(order)]);
    expect(await wallet.online()).toBe(500n);
    expect((await send(world.order({ ...content, amount: amount(1n) }))).code()).toBe(
      "order-conflict",
    );
    const forged = world.order({ ...content, amount: amount(9n) }, world.key);
    expect((await send(forged)).code()).toBe("unknown-issuer");
    expect(await wallet.online()).toBe(500n);
  });
});
