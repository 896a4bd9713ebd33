import { attach, counter, currency, paymentRequest, seconds, unwrap } from "@bezant/protocol";
import { describe, expect, it } from "vitest";
import type { Status } from "../../src/commands.ts";
import { DAY, START } from "../world/institutions.ts";
import { holderOf, signPayment, type PaymentTerms, withChain, without } from "../world/signed.ts";
import { AT, malleated, MAX_U64 } from "./support/messages.ts";
import { ask, Network, type Enrolled } from "./support/network.ts";

const network = new Network(5);
const { bank, home, other } = network;

describe("Collect", () => {
  function asked(x = 10n, payee = network.active()) {
    const { challenge, r } = unwrap(paymentRequest.parse(ask(payee, x))).payload;
    const terms: PaymentTerms = { x, receiver: payee.id, receiverClass: "ta", j: 1, r, challenge };
    return { payee, terms };
  }
  const collect = (payee: Enrolled, bytes: Uint8Array): Status =>
    payee.status("Collect", { payment: bytes });

  it("takes only a basic payment to this very TA, from a TA of its currency", () => {
    const { payee, terms } = asked();
    const sender = network.broken();
    const paid = signPayment(sender, terms);
    expect(collect(payee, without(paid))).toBe("missing-certificate");
    expect(collect(payee, signPayment(sender, { ...terms, type: "conditional" }))).toBe(
      "unsupported-payment-type",
    );
    const conditional = without(signPayment(sender, { ...terms, type: "conditional" }));
    expect(collect(payee, conditional)).toBe("missing-certificate");
    const elsewhere = { ...terms, receiver: network.active().id };
    expect(collect(payee, signPayment(sender, elsewhere))).toBe("wrong-audience");
    expect(collect(payee, signPayment(sender, { ...terms, receiverClass: "wallet" }))).toBe(
      "wrong-audience",
    );
    const unreadable = { certificate: Uint8Array.of(0) };
    expect(collect(payee, unwrap(attach(paid, unreadable)))).toBe("malformed");
    const toOther = signPayment(sender, elsewhere);
    expect(collect(payee, unwrap(attach(toOther, unreadable)))).toBe("wrong-audience");
    const wallet = bank.wallet(home);
    expect(collect(payee, signPayment(holderOf(wallet), terms))).toBe("wrong-role");
    const usd = network.broken(home, { currency: currency("USD") });
    expect(collect(payee, signPayment(usd, terms))).toBe("wrong-currency");
    expect(
      collect(payee, unwrap(attach(paid, { certificate: network.broken().certificate }))),
    ).toBe("bad-signature");
    expect(collect(payee, signPayment({ ...sender, home: other.id }, terms))).toBe("bad-signature");
    expect(collect(payee, malleated(paid))).toBe("bad-signature");
    expect(payee.call("GetInfo", {}).balance).toBe(0n);
    expect(collect(payee, paid)).toBe("ok");
  });

  it("honours a sender's certificate, and those above it, for thirty days after their end", () => {
    const end = { exp: seconds(START + 9) };
    const late = (provider: typeof home, seconds_: number): Status => {
      const { payee, terms } = asked();
      payee.edit((state) => state.setUint32(AT.time, seconds_, true));
      const sender = network.broken(provider, end);
      const paid = signPayment(sender, terms);
      return collect(payee, withChain(paid, { certificate: sender.certificate, provider }));
    };
    const shortLived = bank.provider("bank-c", end);
    const intermediary = bank.certify(bank.root, {
      role: "intermediary",
      sub: bank.intermediary.id,
      key: bank.intermediary.key.publicKey.compressed,
      ...end,
    });
    const underShortLived = { ...shortLived, chain: [shortLived.chain[0], intermediary] } as const;
    for (const provider of [home, other, shortLived, underShortLived]) {
      expect(late(provider, START + 9 + 30 * DAY)).toBe("ok");
      expect(late(provider, START + 10 + 30 * DAY)).toBe("expired");
    }
  });

  it("works when its own certificate has expired", () => {
    const { payee, terms } = asked();
    payee.edit((state) => state.setUint32(AT.exp, START - 1, true));
    expect(collect(payee, signPayment(network.broken(), terms))).toBe("ok");
  });

  it("ends each request once, and gives the same outcome to whoever repeats its payment", () => {
    const { payee, terms } = asked();
    const [first, second] = [network.broken(), network.broken()];
    expect(collect(payee, signPayment(first, { ...terms, x: 11n }))).toBe("request-mismatch");
    const another = terms.challenge.with(0, (terms.challenge[0] as number) ^ 1);
    expect(collect(payee, signPayment(first, { ...terms, challenge: another }))).toBe(
      "request-mismatch",
    );
    const paid = signPayment(first, terms);
    const receipt = payee.call("Collect", { payment: paid });
    expect(payee.call("Collect", { payment: paid })).toEqual(receipt);
    expect(payee.os.staged).toBe(false);
    expect(payee.call("Resend", { kind: "outcome", n: terms.r as never })).toEqual(receipt);
    expect(collect(payee, signPayment(first, { ...terms, j: 2 }))).toBe("request-collected");
    expect(collect(payee, signPayment(second, terms))).toBe("request-collected");
    expect(payee.call("GetInfo", {}).balance).toBe(10n);
    expect(payee.status("CancelRequest", { r: counter(1) })).toBe("request-collected");
  });

  it("refuses a payment of a request that is void, unknown, or out of the ring", () => {
    const { payee, terms } = asked();
    const paid = signPayment(network.broken(), terms);
    payee.call("CancelRequest", { r: counter(terms.r) });
    expect(collect(payee, paid)).toBe("request-void");
    expect(collect(payee, signPayment(network.broken(), { ...terms, r: 99 }))).toBe(
      "unknown-request",
    );
    for (let i = 0; i < 15; i++) ask(payee, 1n, 0, i === 0 ? 0 : i + 1);
    payee.call("CancelRequest", { r: counter(16) });
    expect(collect(payee, paid)).toBe("request-void");
    ask(payee, 1n);
    payee.call("CancelRequest", { r: counter(17) });
    expect(collect(payee, paid)).toBe("unknown-request");
  });

  it("does not wrap the balance or its total", () => {
    const { payee, terms } = asked(10n);
    payee.edit((state) => {
      state.setBigUint64(AT.collected, MAX_U64 - 9n, true);
      state.setBigUint64(AT.balance, MAX_U64 - 9n, true);
    });
    const paid = signPayment(network.broken(), terms);
    expect(collect(payee, paid)).toBe("overflow");
    payee.edit((state) => {
      state.setBigUint64(AT.paid, MAX_U64 - 9n, true);
      state.setBigUint64(AT.balance, 0n, true);
    });
    expect(collect(payee, paid)).toBe("overflow");
  });
});
