import { amount, evidence, institutionId, seconds, unwrap } from "@bezant/protocol";
import { describe, expect, it } from "vitest";
import { Figure4World } from "../figure4/world.ts";
import { DAY, limitsOf, START } from "../world/institutions.ts";
import { MAKES } from "../world/makes.ts";
import { SmallWorld, type Device } from "../world/party.ts";
import { signPayment } from "../world/signed.ts";

const ours = Object.entries(MAKES);
const pay = (payer: Device, request: Uint8Array, hint = 0) =>
  payer.refusal("Pay", { request, hint: seconds(hint) });

describe("an attestation used again", () => {
  it("registers somebody else's TA, any number of times, on Figure 4", () => {
    const world = new Figure4World();
    const [victim, thief] = [world.newKey().compressed, world.newKey().compressed];
    world.server.register(victim);
    world.server.register(thief);
    const [taVk, sigma] = world.newTa().init();
    world.server.registerTa(victim, taVk, sigma);
    world.server.registerTa(thief, taVk, sigma);
    expect(world.server.client(thief).taVk).toEqual(taVk);
  });

  it.each(ours)(
    "is for one provider and one nonce with the %s TA, and names its anchor",
    (_, make) => {
      const world = new SmallWorld(make);
      const device = world.device();
      device.do("Init", { anchor: world.bank.anchor });
      const audience = institutionId("alpha");
      const ask = (nonce: Uint8Array) =>
        unwrap(evidence.parse(device.do("Attest", { audience, nonce })));
      const [first, second] = [ask(new Uint8Array(16).fill(1)), ask(new Uint8Array(16).fill(2))];
      expect(first.payload.nonce).toEqual(new Uint8Array(16).fill(1));
      expect(second.payload.nonce).not.toEqual(first.payload.nonce);
      expect(first.payload).toMatchObject({ key: device.state.vk, measurements: { taVersion: 1 } });
      expect(first.signature).not.toEqual(second.signature);
    },
  );
});

describe("malware on the owner's phone that pays itself", () => {
  it("takes everything on Figure 4: nobody asks the owner", () => {
    const world = new Figure4World();
    const [owner, thief] = [world.client(1_000), world.client()];
    thief.ta.collect(owner.ta.pay(1_000, thief.taCert));
    expect(thief.ta.bal).toBe(1_000);
  });

  it.each(ours)(
    "takes no more than the cap from the %s TA, in however many payments",
    (_, make) => {
      const world = new SmallWorld(make);
      const owner = world.ta(1_000n, limitsOf({ noPinCap: 100n }));
      const thief = world.ta();
      expect(pay(owner, thief.ask(60n))).toBe("ok");
      expect(pay(owner, thief.ask(60n))).toBe("pin-required");
      expect(pay(owner, thief.ask(40n))).toBe("ok");
      expect(pay(owner, thief.ask(1n))).toBe("pin-required");
    },
  );

  it.each(ours)("has five tries at the PIN of the %s TA, cutting the power or not", (_, make) => {
    const world = new SmallWorld(make);
    const owner = world.ta();
    owner.do("SetPin", { pin: Uint8Array.of(1, 2, 3, 4) });
    owner.fund(world.provider, 1_000n);
    for (let i = 0; i < 5; i++) {
      owner.do("PinBegin", {});
      owner.os.kill(); // before the comparison: the try is spent
    }
    expect(owner.refusal("PinBegin", {})).toBe("pin-locked");
    expect(owner.refusal("SetPin", { pin: Uint8Array.of(1, 2, 3, 4) })).toBe("pin-required");
  });
});

describe("whoever finds a funded device without a PIN", () => {
  it.each(ours)("cannot choose one, and so not lift the cap of the %s TA", (_, make) => {
    const pin = Uint8Array.of(1, 2, 3, 4);
    const world = new SmallWorld(make);
    const owner = world.ta(1_000n, limitsOf({ noPinCap: 100n }));
    const thief = world.ta();
    for (let i = 0; i < 3; i++) {
      expect(owner.refusal("SetPin", { pin })).toBe("pin-required");
      expect(owner.refusal("PinBegin", {})).toBe("pin-not-set");
      expect(pay(owner, thief.ask(50n))).toBe(i < 2 ? "ok" : "pin-required");
      owner.os.kill();
    }
    expect(owner.balance).toBe(900n);
    // What it can still do is to send the money back to where the owner's other money is.
    owner.do("Withdraw", { amount: amount(900n) });
    expect(owner.refusal("SetPin", { pin })).toBe("ok");
  });

  it.each(ours)("cannot use what the owner set before the %s TA was funded", (_, make) => {
    const world = new SmallWorld(make);
    const owner = world.ta(0n, limitsOf({ noPinCap: 100n }));
    owner.do("SetPin", { pin: Uint8Array.of(1, 2, 3, 4) });
    owner.fund(world.provider, 1_000n);
    const thief = world.ta();
    expect(pay(owner, thief.ask(101n))).toBe("pin-required");
    owner.do("PinBegin", {});
    expect(owner.refusal("PinVerify", { pin: new Uint8Array(4), allowance: amount(900n) })).toBe(
      "pin-wrong",
    );
    expect(owner.refusal("SetPin", { pin: Uint8Array.of(9, 9, 9, 9) })).toBe("pin-required");
    expect(pay(owner, thief.ask(101n))).toBe("pin-required");
  });
});

describe("a broken TEE", () => {
  it("mints for ever on Figure 4", () => {
    const world = new Figure4World();
    const [broken, payee] = [world.client(), world.client()];
    for (let i = 0; i < 20; i++) {
      broken.ta.bal = 1_000_000;
      payee.ta.collect(broken.ta.pay(1_000_000, payee.taCert));
    }
    expect(payee.ta.bal).toBe(20_000_000);
  });

  it.each(ours)("that is only cloned spends no more than the limits of the %s TA", (_, make) => {
    const world = new SmallWorld(make);
    const limits = limitsOf({ maxPayment: 50n, maxCount: 3, maxValue: 120n });
    const [owner, payee] = [world.ta(1_000n, limits), world.ta()];
    expect(pay(owner, payee.ask(51n))).toBe("limit-payment");
    expect(pay(owner, payee.ask(50n))).toBe("ok");
    expect(pay(owner, payee.ask(50n))).toBe("ok");
    expect(pay(owner, payee.ask(21n))).toBe("limit-value");
    expect(pay(owner, payee.ask(20n))).toBe("ok");
    expect(pay(owner, payee.ask(1n))).toBe("limit-count");
    expect(pay(owner, payee.ask(1n), START + 4_000 * DAY)).toBe("expired");
  });

  it.each(ours)("whose key is known is taken only until it expires by the %s TA", (_, make) => {
    const world = new SmallWorld(make);
    const payee = world.ta();
    const key = world.newKey();
    const claims = {
      role: "ta",
      limitsProfile: 1,
      securityLevel: 3,
      exp: seconds(START - 40 * DAY),
    };
    const certificate = world.bank.certify(world.provider, {
      ...claims,
      nbf: seconds(START - 50 * DAY),
      key: key.publicKey.compressed,
    });
    const broken = { id: payee.id, key, certificate, home: world.provider.id };
    payee.ask(10n);
    const { challenge } = payee.state.requests[0]!;
    const payment = signPayment(broken, {
      x: 10n,
      receiver: payee.id,
      receiverClass: "ta",
      j: 1,
      r: 1,
      challenge: new Uint8Array(Buffer.from(challenge, "hex")),
    });
    expect(payee.refusal("Collect", { payment })).toBe("expired");
    expect(amount(payee.balance)).toBe(0n);
  });
});
