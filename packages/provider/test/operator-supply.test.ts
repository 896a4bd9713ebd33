import { seconds, type SyncSigner } from "@bezant/protocol";
import { beforeAll, describe, expect, it } from "vitest";
import { operatorContext, supplyQuery } from "../src/index.ts";
import { useDatabase } from "./support/database.ts";
import { makeWorld, newKey, type Reply, type World } from "./support/world/index.ts";

const database = useDatabase();
let world: World;

beforeAll(async () => {
  world = await makeWorld(database());
});

function ask(at: number, key: SyncSigner = world.operator, id = world.id): Promise<Reply> {
  const context = operatorContext({ ...world.parts.identity, id });
  return world.http.cose(
    "/operator/v1/supply",
    supplyQuery.sign({ at: seconds(at) }, context, key),
  );
}

describe("the operator's supply query", () => {
  it("answers with the audit of the whole ledger", async () => {
    await world.walletWithTa(1000n, 300n);
    expect((await ask(world.clock.now())).json()).toEqual({
      currency: "EUR",
      online: "700",
      suspense: "0",
      offline: "300",
      clearing: "0",
      interbank: "0",
      reserves: "-1000",
      loss: "0",
      funded: "1000",
      balanced: true,
      tampered: [],
      mismatches: [],
      settlement: {
        accepted: "0",
        cut: "0",
        reported: [],
        unreported: [
          {
            operation: "deposit",
            debit: "online",
            credit: "offline",
            transfers: "1",
            amount: "300",
          },
          {
            operation: "funding",
            debit: "reserves",
            credit: "online",
            transfers: "1",
            amount: "1000",
          },
        ],
        forgotten: { outward: "0", inward: "0" },
        lost: { missing: "0", writtenOff: "0" },
        sending: "0",
        returning: "0",
        advices: "0",
        deposits: { allowed: "0", used: "0" },
      },
    });
  });

  it("answers nobody but the operator of this provider, and no query from another time", async () => {
    const now = world.clock.now();
    expect((await ask(now, newKey())).code()).toBe("unknown-issuer");
    expect((await ask(now, world.operator, "other" as typeof world.id)).code()).toBe(
      "bad-signature",
    );
    expect((await ask(now - 301)).code()).toBe("unauthorised");
    expect((await ask(now + 301)).code()).toBe("unauthorised");
    expect((await ask(now - 299)).code()).toBe("ok");
  });

  it("takes an order for what it is, and not for a query", async () => {
    const [wallet] = await world.walletWithTa(0n);
    const order = world.order({
      kind: "set-status",
      orderId: new Uint8Array(16),
      client: wallet.id,
      status: "open",
    });
    expect((await world.http.cose("/operator/v1/supply", order)).code()).toBe("wrong-type");
  });
});
