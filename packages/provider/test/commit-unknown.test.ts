import { randomBytes } from "node:crypto";
import { amount, claimAnswer, counter, decode, decodeSequence, unwrap } from "@bezant/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDatabase, type Database } from "../src/database.ts";
import { startProxy, type Proxy, createDatabase, useServer } from "@bezant/service/testing";
import {
  makeDevice,
  makeWorld,
  TestTa,
  TestWallet,
  type Reply,
  type World,
} from "./support/world/index.ts";
import { expectSupplyIdentity } from "./support/world/supply.ts";

const server = useServer();
let proxy: Proxy;
let db: Database;
let world: World;
beforeAll(async () => {
  const url = await createDatabase(server());
  unwrap(await openDatabase({ databaseUrl: url }));
  proxy = await startProxy(url);
  db = unwrap(await openDatabase({ databaseUrl: proxy.url }));
  world = await makeWorld(db);
});
afterAll(() => db.close());
expectSupplyIdentity(() => world);

/** A request, and what is to be seen once it has been done exactly once. */
interface Case {
  readonly send: () => Promise<Reply>;
  readonly done: () => Promise<unknown>;
  readonly expected: unknown;
}

const toTa = (ta: TestTa) => ({ receiver: ta.id, receiverClass: "ta" }) as const;

const CASES: Record<string, () => Promise<Case>> = {
  registration: () => {
    const wallet = new TestWallet(world.http, world.id, world.institutions.root);
    const body = wallet.registration();
    const send = () => world.http.cose("/v1/clients", body);
    return Promise.resolve({ send, done: () => wallet.online(), expected: 0n });
  },
  "TA registration": async () => {
    const wallet = await world.wallet();
    const ta = new TestTa(makeDevice(world.manufacturer), world.id, world.institutions.root);
    const body = wallet.taRegistration(ta.attest(await wallet.challenge("attest")));
    const count = async () => {
      const { tas } = (await wallet.get("balance")).json() as { tas: unknown[] };
      return tas.length;
    };
    return { send: () => wallet.post("tas", body), done: count, expected: 1 };
  },
  token: async () => {
    const wallet = await world.wallet();
    const body = wallet.tokenRequest(await wallet.challenge("token"));
    return { send: () => wallet.post("tokens", body), done: () => wallet.online(), expected: 0n };
  },
  deposit: async () => {
    const [wallet, ta] = await world.walletWithTa(100n);
    const body = wallet.depositRequest(ta.reserve(30n));
    return {
      send: () => wallet.post("deposits", body),
      done: () => wallet.online(),
      expected: 70n,
    };
  },
  withdrawal: async () => {
    const [wallet, ta] = await world.walletWithTa(100n, 30n);
    const body = ta.withdraw(20n);
    const done = () => wallet.online();
    return { send: () => wallet.post("withdrawals", body), done, expected: 90n };
  },
  claim: async () => {
    const [, ta] = await world.walletWithTa(100n, 30n);
    const wallet = await world.wallet();
    const body = ta.pay(wallet.payee, 20n);
    return { send: () => wallet.post("claims", body), done: () => wallet.online(), expected: 20n };
  },
  decline: async () => {
    const [, ta] = await world.walletWithTa(100n, 30n);
    const wallet = await world.wallet();
    const paid = ta.pay(wallet.payee, 20n);
    const body = wallet.declineOrder(ta.id, 1, 20n);
    const done = async () => {
      await wallet.post("claims", paid);
      return wallet.online();
    };
    return { send: () => wallet.post("declines", body), done, expected: 0n };
  },
  refund: async () => {
    const [wallet, ta] = await world.walletWithTa(100n, 30n);
    const [, payee] = await world.walletWithTa();
    const paid = ta.pay(toTa(payee), 20n);
    const outcome = payee.signOutcome({ kind: "void", r: counter(1), amount: amount(20n) });
    const body = Buffer.concat([paid, outcome]);
    const done = async () => {
      ta.apply((await wallet.post("refunds", body)).bytes());
      return [ta.d, ta.balance];
    };
    return { send: () => wallet.post("refunds", body), done, expected: [2, 30n] };
  },
  "online payment": async () => {
    const [payer, payee] = [await world.wallet(100n), await world.wallet()];
    const body = payer.order(payee.id, 40n, randomBytes(16));
    const done = async () => [await payer.online(), await payee.online()];
    return { send: () => payer.post("payments", body), done, expected: [60n, 40n] };
  },
  sync: async () => {
    const [wallet, ta] = await world.walletWithTa(100n, 30n);
    const merchant = await world.wallet();
    const paid = ta.pay(merchant.payee, 1n);
    const body = Buffer.concat([ta.syncRequest(randomBytes(16)), paid]);
    const done = async () => ta.sync((await wallet.post("syncs", body)).bytes()).stored;
    return { send: () => wallet.post("syncs", body), done, expected: 1 };
  },
  retirement: async () => {
    const [wallet, ta] = await world.walletWithTa(100n);
    await wallet.post("deposits", wallet.depositRequest(ta.reserve(30n)));
    const body = ta.retire();
    const done = () => wallet.online();
    return { send: () => wallet.post("retirements", body), done, expected: 100n };
  },
  funding: async () => {
    const wallet = await world.wallet();
    const content = { kind: "fund", client: wallet.id, amount: amount(50n) } as const;
    const body = world.order({ ...content, orderId: randomBytes(16) });
    const send = () => world.http.cose("/operator/v1/orders", body);
    return { send, done: () => wallet.online(), expected: 50n };
  },
};

describe.each(["lose-request", "lose-answer"] as const)(
  "the connection breaks at COMMIT: %s",
  (fault) => {
    test.each(Object.keys(CASES))(
      "%s is unknown, and the same request again settles it",
      async (name) => {
        const { send, done, expected } = await CASES[name]!();
        proxy.fault = fault;
        const unknown = await send().finally(() => {
          proxy.fault = "none";
        });
        expect(unknown.status).toBe(503);
        expect(unknown.json()).toMatchObject({ code: "commit-unknown", state: "unknown" });
        for (const _ of [1, 2]) expect((await send()).code()).toBe("ok");
        expect(await done()).toEqual(expected);
      },
    );

    test("a group of claims is unknown as a whole", async () => {
      const [, ta] = await world.walletWithTa(1000n, 1000n);
      const merchants = await Promise.all([1, 2, 3].map(() => world.wallet()));
      const payments = Array.from({ length: 30 }, (_, i) => ta.pay(merchants[i % 3]!.payee, 2n));
      proxy.fault = fault;
      const reply = await world.http.sequence("/v1/claims", Buffer.concat(payments)).finally(() => {
        proxy.fault = "none";
      });
      const kinds = (bytes: Uint8Array): string[] =>
        unwrap(decodeSequence(bytes, { maxItems: 100, maxItemSize: 2100 })).map((item) => {
          const answer = unwrap(decode(claimAnswer, item));
          return answer.kind === "refused" ? answer.value : answer.kind;
        });
      expect(new Set(kinds(reply.bytes()))).toEqual(new Set(["commit-unknown"]));
      for (const _ of [1, 2]) {
        const again = await world.http.sequence("/v1/claims", Buffer.concat(payments));
        expect(new Set(kinds(again.bytes()))).toEqual(new Set(["outcome"]));
      }
      for (const merchant of merchants) expect(await merchant.online()).toBe(20n);
    });
  },
);
