import { amount, attach, counter, depositConfirmation, unwrap } from "@bezant/protocol";
import { beforeAll, describe, expect, test } from "vitest";
import { useDatabase } from "./support/database.ts";
import {
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

function refund(wallet: TestWallet, payment: Uint8Array, outcome: Uint8Array): Promise<Reply> {
  return wallet.post("refunds", Buffer.concat([payment, outcome]));
}

const toTa = (ta: TestTa) => ({ receiver: ta.id, receiverClass: "ta" }) as const;

async function payerAndPayee(): Promise<[TestWallet, TestTa, TestTa]> {
  const [payer, ta] = await world.walletWithTa(1000n, 500n);
  const [, payee] = await world.walletWithTa();
  return [payer, ta, payee];
}

describe("refund", () => {
  test("a payment whose request is void goes back to the payer's TA, once", async () => {
    const [payer, ta, payee] = await payerAndPayee();
    const paid = ta.pay(toTa(payee), 80n);
    const outcome = payee.signOutcome({ kind: "void", r: counter(1), amount: amount(80n) });
    const replies = await Promise.all(
      Array.from({ length: 5 }, () => refund(payer, paid, outcome)),
    );
    const confirmations = replies.map((reply) => {
      return unwrap(depositConfirmation.parse(reply.bytes())).payload;
    });
    for (const one of confirmations) {
      expect(one).toEqual({ amount: 80n, d: 2, kind: "refund", j: 1 });
    }
    ta.apply(replies[0]!.bytes());
    expect([await payer.online(), ta.balance]).toEqual([500n, 500n]);
  });

  test("so does one whose request was collected from another payment", async () => {
    const [payer, ta, payee] = await payerAndPayee();
    const paid = ta.pay(toTa(payee), 80n);
    const content = { r: counter(1), sender: payee.id, j: counter(9), amount: amount(80n) };
    const outcome = payee.signOutcome({ kind: "collected", ...content });
    ta.apply((await refund(payer, paid, outcome)).bytes());
    expect(ta.balance).toBe(500n);
  });

  test("so does one that a wallet declined", async () => {
    const [payer, ta] = await world.walletWithTa(1000n, 500n);
    const merchant = await world.wallet();
    const paid = ta.pay(merchant.payee, 80n);
    const declined = await merchant.post("declines", merchant.declineOrder(ta.id, ta.j, 80n));
    ta.apply((await refund(payer, paid, declined.bytes())).bytes());
    expect(ta.balance).toBe(500n);
    expect((await merchant.post("claims", paid)).code()).toBe("ok");
    expect(await merchant.online()).toBe(0n);
  });

  test("the next deposit's confirmations begin with the refund that the TA has not applied", async () => {
    const [payer, ta, payee] = await payerAndPayee();
    const paid = ta.pay(toTa(payee), 80n);
    // Of the same amount, so that only its kind tells the refund from the deposit.
    const reservation = ta.reserve(80n);
    const outcome = payee.signOutcome({ kind: "void", r: counter(1), amount: amount(80n) });
    await refund(payer, paid, outcome);
    const reply = await payer.post("deposits", payer.depositRequest(reservation));
    expect(reply.code()).toBe("deposit-outstanding");
    const { confirmations } = reply.json() as { confirmations: string[] };
    ta.apply(Buffer.from(confirmations.join(""), "hex"));
    await payer.deposit(ta, 100n);
    expect([await payer.online(), ta.balance]).toEqual([400n, 600n]);
  });

  test.each<[string, string, (payee: TestTa, ta: TestTa) => Uint8Array]>([
    [
      "that the payment was collected",
      "not-refundable",
      (payee, ta) =>
        payee.signOutcome({
          kind: "collected",
          r: counter(1),
          sender: ta.id,
          j: counter(1),
          amount: amount(80n),
        }),
    ],
    [
      "about another request",
      "not-refundable",
      (payee) => payee.signOutcome({ kind: "void", r: counter(2), amount: amount(80n) }),
    ],
    [
      "about another amount",
      "not-refundable",
      (payee) => payee.signOutcome({ kind: "void", r: counter(1), amount: amount(79n) }),
    ],
    [
      "by another TA",
      "not-refundable",
      (_, ta) => ta.signOutcome({ kind: "void", r: counter(1), amount: amount(80n) }),
    ],
    [
      "with another's certificate",
      "not-refundable",
      (payee, ta) =>
        unwrap(
          attach(payee.signOutcome({ kind: "void", r: counter(1), amount: amount(80n) }), {
            certificate: ta.certificate,
          }),
        ),
    ],
    [
      "without a certificate",
      "missing-certificate",
      (payee) =>
        unwrap(attach(payee.signOutcome({ kind: "void", r: counter(1), amount: amount(80n) }), {})),
    ],
  ])("an outcome %s refunds nothing: %s", async (_, code, make) => {
    const [payer, ta, payee] = await payerAndPayee();
    const paid = ta.pay(toTa(payee), 80n);
    expect((await refund(payer, paid, make(payee, ta))).code()).toBe(code);
    expect((await payer.get("balance")).json()).toMatchObject({ tas: [{ d: "1" }] });
  });

  test("only the payer's own provider client gets it, for a payment that its TA has signed", async () => {
    const [payer, ta, payee] = await payerAndPayee();
    const [thief] = await world.walletWithTa();
    const paid = ta.pay(toTa(payee), 80n);
    const outcome = payee.signOutcome({ kind: "void", r: counter(1), amount: amount(80n) });
    expect((await refund(thief, paid, outcome)).code()).toBe("bad-signature");
    expect((await refund(payer, outcome, outcome)).code()).toBe("wrong-type");
    expect((await payer.post("refunds", paid)).code()).toBe("malformed");
  });

  test("to a TA that was retired the money goes online", async () => {
    const [payer, ta, payee] = await payerAndPayee();
    const paid = ta.pay(toTa(payee), 80n);
    await payer.withdraw(ta, 420n);
    await payer.post("retirements", ta.retire());
    expect(await payer.online()).toBe(920n);
    const outcome = payee.signOutcome({ kind: "void", r: counter(1), amount: amount(80n) });
    for (const _ of [1, 2]) await refund(payer, paid, outcome);
    expect(await payer.online()).toBe(1000n);
  });
});
