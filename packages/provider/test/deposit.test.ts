import { amount, depositRequest } from "@bezant/protocol";
import { beforeAll, describe, expect, test } from "vitest";
import { useDatabase } from "./support/database.ts";
import { makeDevice, makeWorld, newKey, type World } from "./support/world/index.ts";
import { expectSupplyIdentity } from "./support/world/supply.ts";

const database = useDatabase();
let world: World;
beforeAll(async () => {
  world = await makeWorld(database());
});
expectSupplyIdentity(() => world);

describe("deposit (Figure 5)", () => {
  test("moves money from the online balance to the TA", async () => {
    const [wallet, ta] = await world.walletWithTa(1000n);
    await wallet.deposit(ta, 300n);
    expect([await wallet.online(), ta.balance]).toEqual([700n, 300n]);
  });

  test("a repeated request moves nothing and brings the same confirmation", async () => {
    const [wallet, ta] = await world.walletWithTa(1000n);
    const request = wallet.depositRequest(ta.reserve(300n));
    const replies = await Promise.all(
      Array.from({ length: 6 }, () => wallet.post("deposits", request)),
    );
    for (const reply of replies) ta.apply(reply.bytes());
    expect([await wallet.online(), ta.balance]).toEqual([700n, 300n]);
  });

  test("two deposits of one number: the first one counts, and its confirmation comes with the refusal", async () => {
    const [wallet, ta] = await world.walletWithTa(1000n);
    await wallet.post("deposits", wallet.depositRequest(ta.reserve(300n)));
    const reply = await wallet.post("deposits", wallet.depositRequest(ta.reserve(200n)));
    expect(reply.code()).toBe("deposit-outstanding");
    const { confirmations } = reply.json() as { confirmations: string[] };
    for (const one of confirmations) ta.apply(Buffer.from(one, "hex"));
    expect([await wallet.online(), ta.balance]).toEqual([700n, 300n]);
    await wallet.deposit(ta, 200n);
    expect([await wallet.online(), ta.balance]).toEqual([500n, 500n]);
  });

  test("more than the online balance is refused", async () => {
    const [wallet, ta] = await world.walletWithTa(100n);
    const reply = await wallet.post("deposits", wallet.depositRequest(ta.reserve(101n)));
    expect(reply.code()).toBe("insufficient-balance");
    expect(reply.json()).toMatchObject({ state: "nothing-moved" });
    expect(await wallet.online()).toBe(100n);
  });

  test("a refused reservation counts once there is money, as long as its number is free, and never again after that", async () => {
    const [wallet, ta] = await world.walletWithTa(100n);
    const bring = async (request: Uint8Array) => wallet.post("deposits", request);
    const refused = wallet.depositRequest(ta.reserve(300n));
    expect((await bring(refused)).code()).toBe("insufficient-balance");
    await world.fund(wallet.id, 250n);
    ta.apply((await bring(refused)).bytes());
    expect([await wallet.online(), ta.balance]).toEqual([50n, 300n]);
    // Another one is refused; a smaller deposit takes its number.
    const never = wallet.depositRequest(ta.reserve(200n));
    expect((await bring(never)).code()).toBe("insufficient-balance");
    await wallet.deposit(ta, 1n);
    await world.fund(wallet.id, 500n);
    expect((await bring(never)).code()).toBe("deposit-outstanding");
    expect([await wallet.online(), ta.balance]).toEqual([549n, 301n]);
  });

  test("concurrent deposits of two TAs cannot spend one balance twice", async () => {
    const [wallet, one] = await world.walletWithTa(100n);
    const second = await wallet.registerTa(makeDevice(world.manufacturer));
    const replies = await Promise.all(
      [one, second].map((ta) => wallet.post("deposits", wallet.depositRequest(ta.reserve(80n)))),
    );
    expect(replies.map((reply) => reply.code()).toSorted()).toEqual(["insufficient-balance", "ok"]);
    expect(await wallet.online()).toBe(20n);
  });

  test("a number beyond the provider's stops everything until a sync, and moves nothing", async () => {
    const [wallet, ta] = await world.walletWithTa(1000n);
    await wallet.deposit(ta, 100n);
    const reply = await wallet.post("deposits", wallet.depositRequest(ta.reserve(300n, 5)));
    expect(reply.code()).toBe("provider-behind");
    const next = await wallet.post("deposits", wallet.depositRequest(ta.reserve(300n)));
    expect(next.code()).toBe("provider-behind");
    const other = await world.wallet();
    const paid = await wallet.post("payments", wallet.order(other.id, 1n, new Uint8Array(16)));
    expect(paid.code()).toBe("provider-behind");
    expect(await wallet.online()).toBe(900n);
  });

  test("only the wallet's own order counts, with a reservation of its own TA", async () => {
    const [wallet, ta] = await world.walletWithTa(1000n);
    const [, foreign] = await world.walletWithTa();
    const cases = [
      wallet.say(depositRequest, { reservation: ta.reserve(1n) }, newKey()),
      wallet.depositRequest(foreign.reserve(1n)),
    ];
    for (const body of cases) {
      expect((await wallet.post("deposits", body)).code()).toBe("bad-signature");
    }
    expect(await wallet.online()).toBe(1000n);
  });

  test("a frozen client deposits nothing", async () => {
    const [wallet, ta] = await world.walletWithTa(1000n);
    await world.setStatus(wallet.id, "frozen");
    const reply = await wallet.post("deposits", wallet.depositRequest(ta.reserve(1n)));
    expect(reply.code()).toBe("client-frozen");
    expect(await wallet.online()).toBe(1000n);
  });

  test("amounts up to 2^64 - 1", async () => {
    const most = 2n ** 64n - 1n;
    const [wallet, ta] = await world.walletWithTa(most);
    await wallet.deposit(ta, most);
    expect([await wallet.online(), ta.balance]).toEqual([0n, amount(most)]);
    await wallet.withdraw(ta, most);
    expect(await wallet.online()).toBe(most);
  });
});
