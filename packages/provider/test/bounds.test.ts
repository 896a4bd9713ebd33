import { randomBytes } from "node:crypto";
import { amount, unwrap } from "@bezant/protocol";
import { describe, expect, test } from "vitest";
import type { TestTa, TestWallet } from "./support/world/index.ts";
import { expectConservation, RESERVES, settleWell, useSettled } from "./support/world/settled.ts";

const settled = useSettled();
expectConservation(settled);

/** What may still be deposited by the allowance that alpha holds. */
async function left(): Promise<bigint> {
  const found = await settled().alpha.world.db.query<{ left: bigint }>(
    "SELECT sum(granted - used) AS left FROM shares WHERE purpose = 'deposit'",
  );
  return unwrap(found).rows[0]!.left;
}

const deposit = (wallet: TestWallet, ta: TestTa, x: bigint) =>
  wallet.post("deposits", wallet.depositRequest(ta.reserve(x)));

describe("the deposit allowance", () => {
  test("bounds what all clients together have ever deposited, and a refused deposit moves nothing", async () => {
    const { alpha } = settled();
    const [wallet, ta] = await alpha.world.walletWithTa(50_000n);
    const most = await left();
    const refused = await deposit(wallet, ta, most + 1n);
    expect(refused.code()).toBe("allowance-exhausted");
    expect(refused.json()).toMatchObject({ state: "nothing-moved" });
    expect(await wallet.online()).toBe(50_000n);
    ta.apply((await deposit(wallet, ta, most)).bytes());
    expect((await deposit(wallet, ta, 1n)).code()).toBe("allowance-exhausted");
    // A withdrawal gives nothing back: the allowance is for all that was ever confirmed.
    await wallet.withdraw(ta, most);
    expect((await deposit(wallet, ta, 1n)).code()).toBe("allowance-exhausted");
    await settleWell(alpha);
    ta.apply((await deposit(wallet, ta, 1n)).bytes());
  });

  test("is not exceeded by any number of deposits at once, and is used to the last unit", async () => {
    const { alpha, bank } = settled();
    const clients = await Promise.all(
      Array.from({ length: 12 }, () => alpha.world.walletWithTa(20_000n)),
    );
    const most = await left();
    const each = most / 8n;
    const codes = await Promise.all(
      clients.map(async ([wallet, ta]) => (await deposit(wallet, ta, each)).code()),
    );
    expect(codes.filter((code) => code === "ok").length).toBe(8);
    expect(await left()).toBe(most - 8n * each);
    expect(bank.of(alpha.world.id).allowed).toBeGreaterThan(0n);
  });

  test("a deposit that is asked for again counts once", async () => {
    const { alpha } = settled();
    const [wallet, ta] = await alpha.world.walletWithTa(100n);
    const before = await left();
    const request = wallet.depositRequest(ta.reserve(40n));
    await Promise.all([1, 2, 3].map(() => wallet.post("deposits", request)));
    expect(await left()).toBe(before - 40n);
  });

  test("is raised by less where the central bank's limit leaves no room for a whole step", async () => {
    const { alpha, bank } = settled();
    const account = bank.of(alpha.world.id);
    const { limit } = account;
    const [wallet, ta] = await alpha.world.walletWithTa(30_000n);
    ta.apply((await deposit(wallet, ta, await left())).bytes());
    account.limit = account.prefund + 3000n;
    await settleWell(alpha);
    expect(await left()).toBe(2500n);
    account.limit = account.prefund;
    ta.apply((await deposit(wallet, ta, 2500n)).bytes());
    expect(await alpha.settle()).toMatchObject({
      failed: [{ step: "allowance", refusal: { code: "allowance-limit" } }],
    });
    account.limit = limit;
    await settleWell(alpha);
  });
});

describe("the operator's funding", () => {
  test("is bounded by the reserves that are the provider's own", async () => {
    const { alpha } = settled();
    const { db } = alpha.world;
    await settleWell(alpha);
    const found = await db.query<{ funded: bigint }>(
      "SELECT -sum(reserves) AS funded FROM accounts",
    );
    const free = RESERVES - unwrap(found).rows[0]!.funded;
    const wallet = await alpha.world.wallet();
    const fund = async (x: bigint): Promise<string> => {
      const order = {
        kind: "fund",
        orderId: randomBytes(16),
        client: wallet.id,
        amount: amount(x),
      } as const;
      return (await alpha.world.http.cose("/operator/v1/orders", alpha.world.order(order))).code();
    };
    expect(await fund(free + 1n)).toBe("reserves-exhausted");
    expect(await wallet.online()).toBe(0n);
    expect(await fund(free)).toBe("ok");
    expect(await fund(1n)).toBe("reserves-exhausted");
    await settleWell(alpha);
    expect(await fund(1n)).toBe("reserves-exhausted");
    alpha.issue(10n);
    await settleWell(alpha);
    expect(await fund(11n)).toBe("reserves-exhausted");
    expect(await fund(10n)).toBe("ok");
  });
});
