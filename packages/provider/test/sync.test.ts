import { randomBytes } from "node:crypto";
import { amount, counter, unwrap, type SyncRequest, type SyncResponse } from "@bezant/protocol";
import { beforeAll, describe, expect, test } from "vitest";
import { useDatabase } from "./support/database.ts";
import {
  makeDevice,
  makeWorld,
  type Reply,
  type TestTa,
  type TestWallet,
  type World,
} from "./support/world/index.ts";
import { expectSupplyIdentity } from "./support/world/supply.ts";

const database = useDatabase();
let world: World;
beforeAll(async () => {
  world = await makeWorld(database());
});
expectSupplyIdentity(() => world);

function send(
  wallet: TestWallet,
  ta: TestTa,
  items: readonly Uint8Array[] = [],
  changes: Partial<SyncRequest> = {},
): Promise<Reply> {
  return wallet.post("syncs", Buffer.concat([ta.syncRequest(randomBytes(16), changes), ...items]));
}

async function sync(
  wallet: TestWallet,
  ta: TestTa,
  items: readonly Uint8Array[] = [],
): Promise<SyncResponse> {
  return ta.sync((await send(wallet, ta, items)).bytes());
}

const toTa = (ta: TestTa) => ({ receiver: ta.id, receiverClass: "ta" }) as const;

async function evidenceOf(wallet: TestWallet): Promise<string[]> {
  const { rows } = unwrap(
    await world.db.query<{ kind: string }>("SELECT kind FROM evidence WHERE client_id = $1", [
      `\\x${wallet.id}`,
    ]),
  );
  return rows.map(({ kind }) => kind);
}

describe("sync", () => {
  test("answers limits, time, and what the TA may forget", async () => {
    const [wallet, ta] = await world.walletWithTa(1000n, 500n);
    await wallet.withdraw(ta, 100n);
    const response = await sync(wallet, ta);
    expect(response).toMatchObject({
      w: 1,
      stored: 0,
      unlockPin: false,
      epochs: [],
      revokedKeys: [],
    });
    expect(response.limits).toEqual(world.parts.policy.limits);
    expect(response.time).toBe(world.clock.now());
  });

  test("stores payments, and acknowledges them up to the first hole", async () => {
    const [wallet, ta] = await world.walletWithTa(1000n, 500n);
    const merchant = await world.wallet();
    const [first, second, third, fourth] = [1n, 2n, 3n, 4n].map((x) => ta.pay(merchant.payee, x));
    expect((await sync(wallet, ta, [first!, third!])).stored).toBe(1);
    expect((await sync(wallet, ta, [fourth!])).stored).toBe(1);
    expect((await sync(wallet, ta, [second!, second!])).stored).toBe(4);
    expect((await sync(wallet, ta)).stored).toBe(4);
  });

  test("two payments with one index are kept as evidence of a broken TEE", async () => {
    const [wallet, ta] = await world.walletWithTa(1000n, 500n);
    const merchant = await world.wallet();
    const paid = ta.pay(merchant.payee, 5n);
    const fork = ta.signPayment({ ...merchant.payee, amount: amount(6n), j: counter(1) });
    await sync(wallet, ta, [paid]);
    expect((await sync(wallet, ta, [fork])).stored).toBe(1);
    expect(await evidenceOf(wallet)).toEqual(["payment-fork"]);
  });

  test("two ends of one request are kept as evidence", async () => {
    const [wallet, ta] = await world.walletWithTa(1000n, 500n);
    const [, payer] = await world.walletWithTa();
    const content = { r: counter(3), amount: amount(5n) };
    const collected = { ...content, kind: "collected", sender: payer.id, j: counter(1) } as const;
    await sync(wallet, ta, [ta.signOutcome({ ...content, kind: "void" })]);
    await sync(wallet, ta, [ta.signOutcome(collected)]);
    expect(await evidenceOf(wallet)).toEqual(["outcome-conflict"]);
  });

  test("takes only the TA's own payments, and outcomes that somebody has signed", async () => {
    const [wallet, ta] = await world.walletWithTa(1000n, 500n);
    const [, other] = await world.walletWithTa(1000n, 500n);
    const merchant = await world.wallet();
    const second = await wallet.registerTa(makeDevice(world.manufacturer));
    expect((await send(wallet, ta, [other.pay(merchant.payee, 1n)])).code()).toBe("bad-signature");
    const foreign = second.signPayment({ ...merchant.payee, amount: amount(1n), j: counter(1) });
    expect((await send(wallet, ta, [foreign])).code()).toBe("wrong-audience");
    const outcome = Uint8Array.from(
      other.signOutcome({ kind: "void", r: counter(1), amount: amount(1n) }),
    );
    outcome[outcome.length - 1]! ^= 1;
    expect((await send(wallet, ta, [outcome])).code()).toBe("bad-signature");
    expect((await send(wallet, ta, [ta.retire()])).code()).toBe("wrong-type");
  });

  test("a TA whose totals do not add up is refused, and its statement kept", async () => {
    const [wallet, ta] = await world.walletWithTa(1000n, 500n);
    const wrong = { balance: amount(ta.balance + 1n) };
    expect((await send(wallet, ta, [], wrong)).code()).toBe("sync-conflict");
    const total = 600n;
    const more: Partial<SyncRequest> = {
      balance: amount(total),
      totals: [amount(total), amount(0n), amount(0n), amount(0n)],
    };
    expect((await send(wallet, ta, [], more)).code()).toBe("sync-conflict");
    expect(await evidenceOf(wallet)).toEqual(["inconsistent-totals", "inconsistent-totals"]);
  });

  test("an older request of the TA does no harm", async () => {
    const [wallet, ta] = await world.walletWithTa(1000n, 500n);
    const old = ta.syncRequest(randomBytes(16));
    await wallet.deposit(ta, 100n);
    await wallet.withdraw(ta, 50n);
    for (const _ of [1, 2]) expect((await wallet.post("syncs", old)).code()).toBe("ok");
    expect(await wallet.online()).toBe(450n);
  });

  test("an unlocking goes with the answers to one sync", async () => {
    const [wallet, ta] = await world.walletWithTa();
    const order = world.order({
      kind: "unlock-pin",
      orderId: randomBytes(16),
      client: wallet.id,
      ta: ta.id,
    });
    expect((await world.http.cose("/operator/v1/orders", order)).code()).toBe("ok");
    const request = ta.syncRequest(randomBytes(16));
    for (const _ of [1, 2]) {
      expect(ta.sync((await wallet.post("syncs", request)).bytes()).unlockPin).toBe(true);
    }
    expect((await sync(wallet, ta)).unlockPin).toBe(false);
    expect((await sync(wallet, ta)).unlockPin).toBe(false);
  });
});

/** Takes the ledger of a client back to an earlier time, as a restore from a backup does. */
describe("after a restore from a backup", () => {
  async function setUp() {
    const own = await makeWorld(database());
    const [wallet, ta] = await own.walletWithTa(1000n, 100n);
    await wallet.withdraw(ta, 40n);
    return { own, wallet, ta };
  }

  /** What was done since the backup, only the TA remembers: it was done with another copy of the ledger. */
  function lostDeposits(ta: TestTa, ...amounts: bigint[]): void {
    for (const x of amounts) {
      ta.d += 1;
      ta.depositDigest = randomBytes(32);
      ta.balance += x;
      ta.totals.deposited += x;
    }
  }

  function lostWithdrawal(ta: TestTa, x: bigint): void {
    ta.w += 1;
    ta.balance -= x;
    ta.totals.withdrawn += x;
  }

  test("the client reads only, until its second sync has brought the lost history back", async () => {
    const { own, wallet, ta } = await setUp();
    unwrap(await own.provider.markRestored());
    lostDeposits(ta, 200n, 30n);
    lostWithdrawal(ta, 15n);
    own.clock.advance(60);
    const payment = wallet.order((await own.wallet()).id, 1n, randomBytes(16));
    expect((await wallet.post("payments", payment)).code()).toBe("provider-behind");
    const request = wallet.depositRequest(ta.reserve(1n));
    expect((await wallet.post("deposits", request)).code()).toBe("provider-behind");
    expect((await wallet.get("balance")).json()).toMatchObject({ tas: [{ mustSync: true }] });

    await sync(wallet, ta);
    expect((await wallet.post("deposits", request)).code()).toBe("provider-behind");
    await sync(wallet, ta);
    expect((await wallet.get("balance")).json()).toMatchObject({
      online: `${940n - 230n + 15n}`,
      tas: [{ d: "3", w: "2", mustSync: false }],
    });
    await wallet.deposit(ta, 5n);
    await wallet.withdraw(ta, 6n);
    await sync(wallet, ta);
    expect(await wallet.online()).toBe(940n - 230n + 15n - 5n + 6n);
  });

  test("a request from before the restore does not pass for a new one", async () => {
    const { own, wallet, ta } = await setUp();
    const old = ta.syncRequest(randomBytes(16));
    unwrap(await own.provider.markRestored());
    lostDeposits(ta, 200n);
    own.clock.advance(60);
    for (const _ of [1, 2, 3]) await wallet.post("syncs", old);
    const payment = wallet.order((await own.wallet()).id, 1n, randomBytes(16));
    expect((await wallet.post("payments", payment)).code()).toBe("provider-behind");
  });

  test("a confirmation that was issued anew under a used number is found and booked back", async () => {
    const { own, wallet, ta } = await setUp();
    const reservation = ta.reserve(70n);
    lostDeposits(ta, 200n);
    // The restored ledger knows nothing of that deposit and takes an old reservation for the next one.
    expect((await wallet.post("deposits", wallet.depositRequest(reservation))).code()).toBe("ok");
    expect(await wallet.online()).toBe(870n);
    own.clock.advance(60);
    await sync(wallet, ta);
    await sync(wallet, ta);
    expect(await wallet.online()).toBe(740n);
    await wallet.deposit(ta, 1n);
    await sync(wallet, ta);
    expect(await wallet.online()).toBe(739n);
  });

  test("what the online balance cannot cover waits for the operator", async () => {
    const { own, wallet, ta } = await setUp();
    lostDeposits(ta, 5000n);
    own.clock.advance(60);
    await sync(wallet, ta);
    expect((await send(wallet, ta)).code()).toBe("provider-behind");
    await own.fund(wallet.id, 5000n);
    await sync(wallet, ta);
    expect(await wallet.online()).toBe(940n);
  });

  test("a deposit that the provider has lost is noticed without the operator", async () => {
    const { wallet, ta } = await setUp();
    lostDeposits(ta, 200n);
    const request = wallet.depositRequest(ta.reserve(1n));
    for (const _ of [1, 2]) {
      expect((await wallet.post("deposits", request)).code()).toBe("provider-behind");
    }
    await sync(wallet, ta);
    await sync(wallet, ta);
    await wallet.deposit(ta, 1n);
    expect(await wallet.online()).toBe(739n);
  });
});

describe("outcomes", () => {
  const at = (wallet: TestWallet, sender: TestTa, j: number) =>
    wallet.get(`outcomes/${sender.id}/${j}`);

  test("payee and payer get the outcome of a claim; strangers and unknown payments get none", async () => {
    const [payer, ta] = await world.walletWithTa(1000n, 500n);
    const merchant = await world.wallet();
    const stranger = await world.wallet();
    const paid = ta.pay(merchant.payee, 5n);
    expect((await at(merchant, ta, 1)).code()).toBe("unknown-outcome");
    await merchant.post("claims", paid);
    expect((await at(merchant, ta, 1)).code()).toBe("ok");
    expect((await at(payer, ta, 1)).code()).toBe("unknown-outcome");
    await sync(payer, ta, [paid]);
    expect((await at(payer, ta, 1)).code()).toBe("ok");
    expect((await at(stranger, ta, 1)).code()).toBe("unknown-outcome");
  });

  test("the payer gets the receipt that the payee's wallet has brought at its sync", async () => {
    const [payer, ta] = await world.walletWithTa(1000n, 500n);
    const [payeeWallet, payee] = await world.walletWithTa();
    const paid = ta.pay(toTa(payee), 5n);
    const receipt = payee.collect(paid, ta.id);
    await sync(payer, ta, [paid]);
    expect((await at(payer, ta, 1)).code()).toBe("unknown-outcome");
    await sync(payeeWallet, payee, [receipt]);
    expect((await at(payer, ta, 1)).bytes()).toEqual(new Uint8Array(receipt));
  });
});
