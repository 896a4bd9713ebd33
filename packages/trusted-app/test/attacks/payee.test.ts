import { attach, outcome, paymentRequest, seconds, unwrap } from "@bezant/protocol";
import { describe, expect, it } from "vitest";
import { Figure4World } from "../figure4/world.ts";
import { MAKES } from "../world/makes.ts";
import { SmallWorld, type Device } from "../world/party.ts";
import { holderOf, signPayment, signRequest } from "../world/signed.ts";

const ours = Object.entries(MAKES);
const pay = (payer: Device, request: Uint8Array) =>
  payer.refusal("Pay", { request, hint: seconds(0) });

describe("collecting a payment in the TA, and claiming it at the server as well", () => {
  it("doubles the money on Figure 4: only prose says which of the two", () => {
    const world = new Figure4World();
    const [payer, payee] = [world.client(100), world.client()];
    const P = payer.ta.pay(100, payee.taCert);
    payee.ta.collect(P);
    world.server.claim(payee.vk, P);
    expect(payee.ta.bal + world.server.client(payee.vk).onBal).toBe(200);
  });

  it.each(ours)("fails: the %s TA signs which of the two, and takes nothing else", (_, make) => {
    const world = new SmallWorld(make);
    const [payer, payee] = [world.ta(100n), world.ta()];
    const shop = world.bank.wallet(world.provider);
    const challenge = new Uint8Array(8);
    const toWallet = payer.pay(signRequest(holderOf(shop), { x: 10n, r: 1, challenge }));
    expect(payee.refusal("Collect", { payment: toWallet })).toBe("wrong-audience");

    // A payment to the TA's own id that says "wallet" is for a provider to claim, so the TA does not touch it.
    const key = world.newKey();
    const ta = { role: "ta", limitsProfile: 1, securityLevel: 3 };
    const claims = { ...ta, key: key.publicKey.compressed };
    const certificate = world.bank.certify(world.provider, claims);
    const broken = { id: payer.id, key, certificate, home: world.provider.id };
    const terms = { x: 10n, receiver: payee.id, receiverClass: "wallet", j: 1, r: 1 } as const;
    const payment = signPayment(broken, { ...terms, challenge });
    expect(payee.refusal("Collect", { payment })).toBe("wrong-audience");
  });
});

describe("paying somebody who is nobody", () => {
  it("burns the money on Figure 4, which takes any receiver", () => {
    const world = new Figure4World();
    const payer = world.client(100);
    payer.ta.pay(50, { vk: new Uint8Array(3), sig: new Uint8Array(3) });
    expect(payer.ta.bal).toBe(50);
  });

  it("pays a thief on Figure 4, who put a certificate into somebody else's request", () => {
    const world = new Figure4World();
    const [payer, payee, thief] = [world.client(100), world.client(), world.client()];
    const request = { x: 50, receiver: payee.taCert };
    const swapped = { ...request, receiver: thief.taCert };
    thief.ta.collect(payer.ta.pay(swapped.x, swapped.receiver));
    expect(thief.ta.bal).toBe(50);
  });

  it.each(ours)("is refused by the %s TA before anything moves", (_, make) => {
    const world = new SmallWorld(make);
    const [payer, payee, thief] = [world.ta(100n), world.ta(), world.ta()];
    const asked = payee.ask(50n);
    const { signature, payload } = unwrap(paymentRequest.parse(asked));
    const swapped = unwrap(attach(asked, { certificate: thief.state.cert }));
    const raised = paymentRequest.assemble({ ...payload, amount: 51n as never }, signature, {
      certificate: payee.state.cert,
    });
    const nobody = world.newKey();
    const selfMade = world.bank.certify(
      { id: world.provider.id, key: nobody },
      { role: "wallet", key: nobody.publicKey.compressed },
    );
    const impostor = { id: payee.id, key: nobody, certificate: selfMade, home: world.provider.id };
    const unknown = signRequest(impostor, { x: 1n, r: 1, challenge: new Uint8Array(8) });

    expect(pay(payer, new Uint8Array([1, 2, 3]))).toBe("malformed");
    expect(pay(payer, unwrap(attach(asked, {})))).toBe("missing-certificate");
    expect(pay(payer, swapped)).toBe("bad-signature");
    expect(pay(payer, raised)).toBe("bad-signature");
    expect(pay(payer, unknown)).toBe("unknown-issuer");
    expect(payer.balance).toBe(100n);
  });
});

describe("a payee who denies that it was paid, while nobody is online", () => {
  it("gets away with it on Figure 4: the receipt goes to S, the payer has nothing", () => {
    const world = new Figure4World();
    const [payer, payee] = [world.client(100), world.client()];
    const P = payer.ta.pay(50, payee.taCert);
    const collect = (): unknown => payee.ta.collect(P);
    expect(collect()).toBeUndefined();
  });

  it.each(ours)("cannot: the %s TA signs the outcome for the payer", (_, make) => {
    const world = new SmallWorld(make);
    const [payer, payee] = [world.ta(100n), world.ta()];
    const payment = payer.pay(payee.ask(50n));
    const receipt = payee.do("Collect", { payment });
    const { payload } = unwrap(outcome.parse(receipt));
    expect(payload).toMatchObject({ kind: "collected", sender: payer.id, j: 1, amount: 50n });
    // It verifies: the payer's TA lets go of the payment only on that.
    payer.do("Settle", { outcome: receipt });
    expect(payer.state.payments).toEqual([]);
  });
});
