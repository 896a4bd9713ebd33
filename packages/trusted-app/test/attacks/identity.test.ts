import { amount } from "@bezant/protocol";
import { describe, expect, it } from "vitest";
import { Figure4World } from "../figure4/world.ts";
import { otherHalf } from "../world/crypto.ts";
import { limitsOf } from "../world/institutions.ts";
import { MAKES } from "../world/makes.ts";
import { SmallWorld } from "../world/party.ts";
import { signAcknowledgement } from "../world/signed.ts";

const ours = Object.entries(MAKES);

describe("loading another TA's certificate, to collect its payments too", () => {
  it("doubles the money on Figure 4", () => {
    const world = new Figure4World();
    const [payer, payee, thief] = [world.client(100), world.client(), world.client()];
    const P = payer.ta.pay(100, payee.taCert);
    payee.ta.collect(P);
    thief.ta.certInit(payee.taCert);
    thief.ta.collect(P);
    expect(payer.ta.bal + payee.ta.bal + thief.ta.bal).toBe(200);
  });

  it.each(ours)("is refused by the %s TA, whose certificate is for its own key", (_, make) => {
    const world = new SmallWorld(make);
    const [payer, payee] = [world.ta(100n), world.ta()];
    const payment = payer.pay(payee.ask(100n));
    payee.do("Collect", { payment });
    const loot = payee.certification(world.provider);

    const thief = world.device();
    thief.do("Init", { anchor: world.bank.anchor });
    expect(thief.refusal("CertInit", loot)).toBe("wrong-key");
    thief.do("CertInit", thief.certification(world.provider));
    expect(thief.refusal("CertInit", loot)).toBe("wrong-phase");
    expect(thief.refusal("Renew", loot)).toBe("wrong-key");
    expect(thief.refusal("Collect", { payment })).toBe("wrong-audience");
  });
});

describe("Init again, to wipe the log and collect everything once more", () => {
  it("doubles the money on Figure 4", () => {
    const world = new Figure4World();
    const [payer, payee] = [world.client(100), world.client()];
    const P = payer.ta.pay(100, payee.taCert);
    payee.ta.collect(P);
    world.server.withdraw(payee.vk, ...payee.ta.withdraw(100));
    payee.ta.init();
    payee.ta.certInit(payee.taCert);
    payee.ta.collect(P);
    expect(world.server.client(payee.vk).onBal + payee.ta.bal).toBe(200);
  });

  it.each(ours)("is refused by the %s TA; a new instance has a new id", (_, make) => {
    const world = new SmallWorld(make);
    const [payer, payee] = [world.ta(100n), world.ta()];
    const payment = payer.pay(payee.ask(100n));
    payee.do("Collect", { payment });
    expect(payee.refusal("Init", { anchor: world.bank.anchor })).toBe("wrong-phase");

    const { id } = payee;
    const withdrawn = payee.do("Withdraw", { amount: amount(100n) });
    expect(withdrawn).toBeInstanceOf(Uint8Array);
    const acknowledgement = signAcknowledgement(world.provider, id, 1);
    payee.do("AckWithdraw", { acknowledgement });
    payee.do("Retire", {});
    payee.enrol(world.provider);
    expect(payee.id).not.toBe(id);
    expect(payee.refusal("Collect", { payment })).toBe("wrong-audience");
  });
});

describe("a new certificate while a payment is under way", () => {
  it("strands the payment on Figure 4, which compares certificates", () => {
    const world = new Figure4World();
    const [payer, payee] = [world.client(100), world.client()];
    const P = payer.ta.pay(100, payee.taCert);
    // Another signature of S on the same key is another certificate.
    payee.ta.certInit({ ...payee.taCert, sig: otherHalf(payee.taCert.sig) });
    expect(() => payee.ta.collect(P)).toThrow();
    expect(payer.ta.bal + payee.ta.bal).toBe(0);
  });

  it.each(ours)("leaves it collectable in the %s TA, whose id is that of its key", (_, make) => {
    const world = new SmallWorld(make);
    const [payer, payee] = [world.ta(100n), world.ta()];
    const payment = payer.pay(payee.ask(100n));
    const before = payee.state.cert;
    payee.do("Renew", payee.certification(world.provider, limitsOf()));
    expect(payee.state.cert).not.toEqual(before);
    payee.do("Collect", { payment });
    expect(payee.balance).toBe(100n);
  });
});
