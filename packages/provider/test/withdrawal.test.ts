import { amount, counter, unwrap, withdrawal } from "@bezant/protocol";
import { beforeAll, describe, expect, test } from "vitest";
import { useDatabase } from "./support/database.ts";
import { makeWorld, newKey, type World } from "./support/world/index.ts";
import { expectSupplyIdentity } from "./support/world/supply.ts";

const database = useDatabase();
let world: World;
beforeAll(async () => {
  world = await makeWorld(database());
});
expectSupplyIdentity(() => world);

describe("withdrawal (Figure 6)", () => {
  test("moves money from the TA to the online balance", async () => {
    const [wallet, ta] = await world.walletWithTa(1000n, 600n);
    await wallet.withdraw(ta, 250n);
    expect([await wallet.online(), ta.balance, ta.acknowledged]).toEqual([650n, 350n, 1]);
  });

  test("anybody may bring it, as often as they like: it counts once", async () => {
    const [wallet, ta] = await world.walletWithTa(1000n, 600n);
    const message = ta.withdraw(250n);
    const url = `/v1/clients/${wallet.id}/withdrawals`;
    const replies = await Promise.all(
      Array.from({ length: 8 }, () => world.http.cose(url, message)),
    );
    for (const reply of replies) expect(ta.acknowledge(reply.bytes())).toBe(1);
    expect(await wallet.online()).toBe(650n);
  });

  test("a later one waits for the missing one", async () => {
    const [wallet, ta] = await world.walletWithTa(1000n, 600n);
    const [first, second] = [ta.withdraw(100n), ta.withdraw(200n)];
    const early = await wallet.post("withdrawals", second);
    expect(early.code()).toBe("withdrawal-gap");
    expect(early.json()).toMatchObject({ state: "pending" });
    ta.acknowledge((await wallet.post("withdrawals", first)).bytes());
    expect(ta.acknowledge((await wallet.post("withdrawals", second)).bytes())).toBe(2);
    expect(await wallet.online()).toBe(700n);
  });

  test("two of one number are kept as evidence, and the first counts", async () => {
    const [wallet, ta] = await world.walletWithTa(1000n, 600n);
    await wallet.withdraw(ta, 100n);
    const forged = ta.say(withdrawal, { amount: amount(500n), w: counter(1) });
    for (const _ of [1, 2]) {
      expect((await wallet.post("withdrawals", forged)).code()).toBe("withdrawal-conflict");
    }
    const { rows } = unwrap(
      await world.db.query<{ kind: string; second: Buffer }>(
        "SELECT kind, second FROM evidence WHERE client_id = $1",
        [`\\x${wallet.id}`],
      ),
    );
    expect(rows).toEqual([{ kind: "withdrawal-conflict", second: Buffer.from(forged) }]);
    expect(await wallet.online()).toBe(500n);
  });

  test.each(["frozen", "closed"] as const)(
    "of a client who is %s it is acknowledged, and waits in suspense until the account opens",
    async (status) => {
      const [wallet, ta] = await world.walletWithTa(1000n, 600n);
      await world.setStatus(wallet.id, status);
      await wallet.withdraw(ta, 250n);
      expect((await wallet.get("balance")).json()).toMatchObject({
        status,
        online: "400",
        suspense: "250",
      });
      await world.setStatus(wallet.id, "open");
      expect((await wallet.get("balance")).json()).toMatchObject({
        status: "open",
        online: "650",
        suspense: "0",
      });
    },
  );

  test("crossing deposits and withdrawals do not disturb each other", async () => {
    const [wallet, ta] = await world.walletWithTa(1000n, 500n);
    const out = ta.withdraw(200n);
    const request = wallet.depositRequest(ta.reserve(300n));
    const [deposited, withdrawn] = await Promise.all([
      wallet.post("deposits", request),
      wallet.post("withdrawals", out),
    ]);
    ta.apply(deposited.bytes());
    ta.acknowledge(withdrawn.bytes());
    expect([await wallet.online(), ta.balance]).toEqual([400n, 600n]);
  });

  test("another key's is refused", async () => {
    const [wallet, ta] = await world.walletWithTa(1000n, 600n);
    const forged = ta.say(withdrawal, { amount: amount(500n), w: counter(1) }, newKey());
    expect((await wallet.post("withdrawals", forged)).code()).toBe("bad-signature");
    expect(await wallet.online()).toBe(400n);
  });
});
