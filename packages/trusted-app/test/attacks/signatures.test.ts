import {
  assemble,
  attach,
  certificate,
  depositConfirmation,
  fromHex,
  keyIdOf,
  payment as paymentMessage,
  registration,
  signedBalance,
  typOf,
  unwrap,
  withdrawal,
} from "@bezant/protocol";
import { describe, expect, it } from "vitest";
import { taCertVerify, toBytes } from "../figure4/crypto.ts";
import { Figure4World } from "../figure4/world.ts";
import { otherHalf } from "../world/crypto.ts";
import { MAKES } from "../world/makes.ts";
import { SmallWorld } from "../world/party.ts";

const ours = Object.entries(MAKES);

describe("handing in a signed balance as a withdrawal", () => {
  it("pays out the whole balance on Figure 4, and leaves it where it is", () => {
    const world = new Figure4World();
    const { vk, ta } = world.client(100);
    ta.withdraw(1); // and withhold it
    world.server.withdraw(vk, ...ta.getBalance());
    expect(world.server.client(vk).onBal + ta.bal).toBe(198);
  });

  it.each(ours)(
    "is refused with what the %s TA signs: each kind signs its own bytes",
    (_, make) => {
      const world = new SmallWorld(make);
      const ta = world.ta(100n);
      const { id, vk, home } = ta.state;
      const balance = ta.do("GetBalance", { nonce: new Uint8Array(16) });
      expect(withdrawal.parse(balance)).toMatchObject({ error: { code: "wrong-type" } });

      // The same signature under the payload and type of a withdrawal does not verify either.
      const { signature, payload } = unwrap(signedBalance.parse(balance));
      const forged = withdrawal.assemble({ amount: payload.balance, w: payload.w }, signature);
      const context = { currency: "EUR", home, signer: id, audience: home } as never;
      const check = withdrawal.signatureCheck(unwrap(withdrawal.parse(forged)), context, vk);
      expect(world.crypto.verify(fromHex(check.key), check.message, check.signature)).toBe(false);
    },
  );
});

describe("registering a 'key' that is something to sign", () => {
  it("gets a TA certificate for a key outside any TEE on Figure 4", () => {
    const world = new Figure4World();
    const loose = world.newKey().compressed;
    const { sig } = world.server.register(toBytes([loose, "TA"]));
    expect(taCertVerify({ vk: loose, sig }, world.server.vk)).toBe(true);
  });

  it("gets a deposit that nobody paid for on Figure 4", () => {
    const world = new Figure4World();
    const { ta } = world.client();
    const { sig } = world.server.register(toBytes([ta.vk, 1_000_000, 1]));
    ta.deposit(1_000_000, 1, sig);
    expect(ta.bal).toBe(1_000_000);
  });

  it.each(ours)("is no deposit for the %s TA, whatever the provider certifies", (_, make) => {
    const world = new SmallWorld(make);
    const { provider } = world;
    const ta = world.ta();
    const granted = world.bank.wallet(provider).certificate;
    expect(ta.refusal("Deposit", { confirmation: granted })).toBe("wrong-type");
    const { signature } = unwrap(certificate.parse(granted));
    const payload = { amount: 1n, d: 1, kind: "deposit" } as never;
    const kid = keyIdOf(provider.key.publicKey);
    const confirmation = depositConfirmation.assemble(payload, signature, { kid });
    expect(ta.refusal("Deposit", { confirmation })).toBe("bad-signature");
  });

  it("is no registration here: a key is a point of the curve, and signs for itself", () => {
    const junk = toBytes(["any", "bytes"]);
    const parts = { typ: registration.typ, payload: junk, signature: fromHex("01".repeat(64)) };
    expect(registration.parse(assemble(parts))).toMatchObject({ error: { code: "malformed" } });
  });
});

describe("changing what is not signed in a payment, to collect it twice", () => {
  it.each([
    ["its time", (P: object) => ({ ...P, time: 1 })],
    ["its type", (P: object) => ({ ...P, type: "Conditional" })],
    ["its signature's other half", (P: { sig?: Uint8Array }) => ({ ...P, sig: otherHalf(P.sig!) })],
  ])("works with %s on Figure 4", (_, change) => {
    const world = new Figure4World();
    const [payer, payee] = [world.client(100), world.client()];
    const P = payer.ta.pay(100, payee.taCert);
    payee.ta.collect(P);
    payee.ta.collect(change(P) as typeof P);
    expect(payee.ta.bal).toBe(200);
  });

  it.each(ours)("is refused by the %s TA, or changes nothing", (_, make) => {
    const world = new SmallWorld(make);
    const [payer, payee] = [world.ta(100n), world.ta()];
    const payment = payer.pay(payee.ask(100n));
    payee.do("Collect", { payment });

    const { signature, payload, certificate: cert } = unwrap(paymentMessage.parse(payment));
    const changed = [{ time: 1 }, { type: "conditional" }, { j: 2 }].map((change) =>
      paymentMessage.assemble({ ...payload, ...(change as object) }, signature, {
        certificate: cert,
      }),
    );
    const refusals = changed.map((P) => payee.refusal("Collect", { payment: P }));
    expect(refusals).toEqual(["bad-signature", "unsupported-payment-type", "bad-signature"]);
    const flipped = Uint8Array.from(payment);
    flipped.set(otherHalf(signature), payment.length - 64);
    expect(payee.refusal("Collect", { payment: flipped })).toBe("bad-signature");

    // The envelope is not signed: it may change, and the answer is the same outcome as before.
    const { chain } = world.provider;
    const wrapped = unwrap(attach(payment, { certificate: cert, chain }));
    expect(typOf(payee.do("Collect", { payment: wrapped }))).toBe(65_010);
    expect(payee.balance).toBe(100n);
  });
});
