import {
  amount,
  attach,
  counter,
  currency,
  institutionId,
  outcome,
  payeeToAnybody,
  payment,
  paymentContext,
  paymentRequest,
  seconds,
  signCertificate,
  taId,
  taIdOf,
  unwrap,
  walletIdOf,
  type Payment,
} from "@bezant/protocol";
import { createNetwork, EUR, START, type Network, type Party } from "@bezant/testkit";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { explainRefusal, type Requested, type Wallet } from "../src/index.ts";
import type { DiskImage } from "../src/simulation/index.ts";
import { meet } from "./support/exchange.ts";

const X = amount(100n);
const DAY = 86_400;

let network: Network;
let alice: Party;
let bob: Party;
let shop: Party;
/** Genuine, and good for one use. */
let request: Requested;
let shopRequest: Requested;
let paid: Uint8Array;
let paidShop: Uint8Array;
let passed = 0;

beforeAll(async () => {
  network = await createNetwork();
  alice = await network.party({ offline: 100_000n });
  bob = await network.party({ offline: 1000n });
  shop = await network.party();
  request = unwrap(await bob.wallet.requestPayment({ amount: X }));
  shopRequest = unwrap(await shop.wallet.requestPayment({ amount: X }));
  const toBob = unwrap(await bob.wallet.requestPayment({ amount: X }));
  const toShop = unwrap(await shop.wallet.requestPayment({ amount: X }));
  paid = unwrap(await alice.wallet.pay(toBob.message)).message;
  paidShop = unwrap(await alice.wallet.pay(toShop.message)).message;
});
afterAll(() => network.close());

let before: readonly [DiskImage, bigint][];
const all = (): Party[] => [alice, bob, shop];
async function books(): Promise<[DiskImage, bigint][]> {
  return Promise.all(all().map(async (party) => [party.disk.image(), await party.offline()]));
}
beforeEach(async () => {
  before = await books();
});
afterEach(async () => {
  network.clock.pass(-passed);
  passed = 0;
  // Whatever was tried, nobody has more or less, and no wallet remembers it.
  expect(await books()).toEqual(before);
});

/** Lets time pass until the test is over. */
function wait(duration: number): void {
  network.clock.pass(duration);
  passed += duration;
}

async function codeOf(
  answer: ReturnType<Wallet["pay" | "receive" | "settle" | "inspect"]>,
): Promise<string> {
  const result = await answer;
  if (result.ok) return "ok";
  expect(result.error.pending).toBeUndefined();
  expect(explainRefusal(result.error)).toMatch(/^[A-Z].*\. .*\. .*\.$/);
  return result.error.code;
}

const entry: Readonly<Record<string, (message: Uint8Array) => Promise<string>>> = {
  inspect: (message) => codeOf(alice.wallet.inspect(message)),
  pay: (message) => codeOf(alice.wallet.pay(message)),
  "receive in a device": (message) => codeOf(bob.wallet.receive(message)),
  "receive in a wallet": (message) => codeOf(shop.wallet.receive(message)),
  settle: (message) => codeOf(alice.wallet.settle(message)),
};
/** A genuine message for each entry. */
const genuine: Readonly<Record<string, () => Uint8Array>> = {
  inspect: () => request.message,
  pay: () => request.message,
  "receive in a device": () => paid,
  "receive in a wallet": () => paidShop,
};

describe.each(Object.entries(entry))("%s", (name, take) => {
  it("refuses what is no message, too long, or of another kind", async () => {
    expect(await take(new Uint8Array())).toBe("malformed");
    expect(await take(Uint8Array.of(0x84))).toBe("malformed");
    expect(await take(new Uint8Array(2049))).toBe("malformed");
    expect(await take(new Uint8Array(1_000_000).fill(0x84))).toBe("malformed");
    const ended = outcome.assemble(
      { kind: "void", r: counter(1), amount: X },
      new Uint8Array(64).fill(1),
    );
    const others = [request.message, paid, ended].filter(
      (message) => message !== genuine[name]?.(),
    );
    const codes = await Promise.all(others.map(take));
    expect(codes.filter((code) => code === "wrong-type").length).toBeGreaterThanOrEqual(2);
    expect(codes).not.toContain("ok");
  });

  it("refuses random bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        expect(await take(bytes)).toBe("malformed");
      }),
    );
  });
});

describe.each(Object.entries(genuine))("%s", (name, message) => {
  const take = entry[name]!;

  it("refuses a message that was cut, lengthened, or changed in any bit", async () => {
    const bytes = message();
    const change = fc.oneof(
      fc.nat(bytes.length - 1).map((length) => bytes.slice(0, length)),
      fc.uint8Array({ minLength: 1, maxLength: 5 }).map((more) => Uint8Array.of(...bytes, ...more)),
      fc.nat(bytes.length * 8 - 1).map((bit) => {
        const changed = bytes.slice();
        changed[bit >> 3]! ^= 1 << (bit & 7);
        return changed;
      }),
    );
    await fc.assert(
      fc.asyncProperty(change, async (changed) => {
        expect(await take(changed)).not.toBe("ok");
      }),
      { numRuns: 150 },
    );
  });

  it("refuses a message without its signer's certificate, or with somebody else's", async () => {
    const bare = unwrap(attach(message(), {}));
    expect(await take(bare)).toBe("missing-certificate");
    const isRequest = message() === request.message;
    const { certificate } = isRequest
      ? unwrap(payment.parse(paid))
      : unwrap(paymentRequest.parse(request.message));
    const swapped = unwrap(attach(message(), { certificate }));
    expect(["bad-signature", "self-payment"]).toContain(await take(swapped));
  });
});

/** A certificate that its holder has signed itself. */
function selfMade(role: "wallet" | "ta", money = EUR): Uint8Array {
  const key = bob.signer;
  const validity = { nbf: seconds(START - DAY), exp: seconds(START + DAY) };
  const common = {
    iss: institutionId("alpha"),
    currency: money,
    key: key.publicKey.compressed,
    serial: 1,
  };
  const ta = { limitsProfile: 1, securityLevel: 1 } as const;
  return role === "ta"
    ? signCertificate({ role, ...common, ...validity, ...ta }, key)
    : signCertificate({ role, ...common, ...validity }, key);
}

function requestBy(certificate: Uint8Array, money = EUR): Uint8Array {
  const key = bob.signer;
  const home = institutionId("alpha");
  const payee = walletIdOf(home, key.publicKey);
  const terms = { amount: X, r: counter(1), challenge: new Uint8Array(8) };
  const context = payeeToAnybody({ currency: money, home, payee });
  return paymentRequest.sign(terms, context, key, { certificate });
}

function paymentBy(certificate: Uint8Array, changes: Partial<Payment> = {}): Uint8Array {
  const key = bob.signer;
  const content: Payment = {
    amount: X,
    receiver: shopRequest.payee,
    receiverClass: "wallet",
    j: counter(1),
    r: shopRequest.r,
    challenge: unwrap(paymentRequest.parse(shopRequest.message)).payload.challenge,
    time: seconds(0),
    type: "basic",
    ...changes,
  };
  const home = institutionId("alpha");
  const sender = taIdOf(key.publicKey);
  const context = paymentContext({ currency: EUR, home, sender, receiver: content.receiver });
  return payment.sign(content, context, key, { certificate });
}

describe("a request", () => {
  it("is not paid on a certificate of another currency, issuer or role", async () => {
    const dollar = currency("USD");
    expect(await entry["pay"]!(requestBy(selfMade("wallet", dollar), dollar))).toBe(
      "wrong-currency",
    );
    expect(await entry["pay"]!(requestBy(selfMade("wallet")))).toBe("unknown-issuer");
    const provider = network.provider().chain()[0];
    expect(await entry["pay"]!(requestBy(provider))).toBe("wrong-role");
  });

  it("is not paid by its own device", async () => {
    const own = unwrap(await alice.wallet.requestPayment({ amount: X }));
    expect(await entry["pay"]!(own.message)).toBe("self-payment");
    unwrap(await alice.wallet.cancel(own));
    before = await books();
  });

  it("is not paid after it has expired, nor by a device or to a payee whose certificate has", async () => {
    const short = unwrap(
      await shop.wallet.requestPayment({ amount: X, expires: seconds(network.clock.now() + 60) }),
    );
    before = await books();
    wait(61);
    expect(await entry["inspect"]!(short.message)).toBe("request-expired");
    expect(await entry["pay"]!(short.message)).toBe("request-expired");
    wait(181 * DAY);
    expect(await entry["pay"]!(request.message)).toBe("expired");
    expect(await entry["pay"]!(shopRequest.message)).toBe("expired");
    wait(365 * DAY);
    expect(await entry["inspect"]!(shopRequest.message)).toBe("expired");
  });

  it("is not paid with money that is not there", async () => {
    const dear = unwrap(await shop.wallet.requestPayment({ amount: amount(5000n) }));
    before = await books();
    expect(await codeOf(bob.wallet.pay(dear.message))).toBe("insufficient-balance");
    expect(await codeOf(shop.wallet.pay(request.message))).toBe("no-device");
  });
});

describe("a payment", () => {
  it("is not taken from whoever is no certified device", async () => {
    const take = entry["receive in a wallet"]!;
    expect(await take(paymentBy(selfMade("wallet")))).toBe("wrong-role");
    expect(await take(paymentBy(selfMade("ta")))).toBe("unknown-issuer");
    expect(await take(paymentBy(selfMade("ta", currency("USD"))))).toBe("wrong-currency");
  });

  it("is taken only by the party that it names", async () => {
    expect(await entry["receive in a wallet"]!(paid)).toBe("wrong-audience");
    expect(await entry["receive in a device"]!(paidShop)).toBe("wrong-audience");
    expect(await codeOf(alice.wallet.receive(paid))).toBe("wrong-audience");
  });
});

describe("an outcome", () => {
  it("is refused when it is about no payment of this wallet, or is not the payee's word", async () => {
    const key = bob.signer;
    const home = institutionId("alpha");
    const certificate = selfMade("ta");
    const about = { r: request.r, amount: X } as const;
    const context = payeeToAnybody({ currency: EUR, home, payee: taIdOf(key.publicKey) });
    const void_ = outcome.sign({ kind: "void", ...about }, context, key, { certificate });
    expect(await entry["settle"]!(void_)).toBe("unknown-payment");

    // Bob's word, but not signed by him.
    const { payload } = unwrap(payment.parse(paid));
    const bobs = unwrap(paymentRequest.parse(request.message)).certificate;
    const forged = outcome.sign({ kind: "void", r: payload.r, amount: X }, context, key, {
      certificate: bobs,
    });
    expect(await entry["settle"]!(forged)).toBe("bad-signature");
    const bare = outcome.sign({ kind: "void", r: payload.r, amount: X }, context, key);
    expect(await entry["settle"]!(bare)).toBe("missing-certificate");
    const stranger = taId("ab".repeat(32));
    const claimed = { sender: stranger, j: counter(1), amount: X, receiver: payload.receiver };
    const byNobody = outcome.sign({ kind: "claimed", ...claimed }, { ...context, home: "" }, key);
    expect(await entry["settle"]!(byNobody)).toBe("unknown-payment");
    const own = {
      ...claimed,
      sender: await alice.ta(),
      j: unwrap(payment.parse(paidShop)).payload.j,
    };
    const toShop = { ...own, receiver: shopRequest.payee };
    const forgedClaim = outcome.sign({ kind: "claimed", ...toShop }, { ...context, home: "" }, key);
    expect(await entry["settle"]!(forgedClaim)).toBe("unknown-issuer");
  });
});

describe("what comes twice", () => {
  it("counts once, and is answered alike", async () => {
    const payer = await network.party({ offline: 500n });
    const payee = await network.party({ device: true });
    const asked = unwrap(await payee.wallet.requestPayment({ amount: X }));
    const first = unwrap(await payer.wallet.pay(asked.message));
    expect(unwrap(await payer.wallet.pay(asked.message))).toEqual(first);
    const collected = unwrap(await payee.wallet.receive(first.message));
    expect(collected.isRepeat).toBe(false);
    const repeated = { ...collected, isRepeat: true };
    expect(unwrap(await payee.wallet.receive(first.message))).toEqual(repeated);
    const settled = unwrap(await payer.wallet.settle(collected.outcome));
    expect(unwrap(await payer.wallet.settle(collected.outcome))).toEqual(settled);
    expect(unwrap(await payer.wallet.pay(asked.message))).toEqual(first);
    wait(400 * DAY);
    expect(unwrap(await payer.wallet.pay(asked.message))).toEqual(first);
    expect([await payer.offline(), await payee.offline()]).toEqual([400n, 100n]);

    const sold = unwrap(await shop.wallet.requestPayment({ amount: X }));
    network.clock.pass(-passed);
    passed = 0;
    const { paid: once } = await meet(payer, shop, sold);
    const receipt = unwrap(await shop.wallet.receive(unwrap(once).message));
    expect(receipt).toMatchObject({ state: "received", isRepeat: true });
    expect(unwrap(await shop.wallet.claim())).toMatchObject({ count: 1 });
    expect(unwrap(await shop.wallet.claim([receipt]))).toMatchObject({ count: 0 });
    const again = unwrap(await shop.wallet.receive(unwrap(once).message));
    expect(again.state).toBe("claimed");
    expect(unwrap(await payer.wallet.settle(again.outcome)).verdict).toBe("settled");
    expect(await payer.wallet.settle(receipt.outcome)).toMatchObject({
      value: { verdict: "received" },
    });
    before = await books();
  });
});
