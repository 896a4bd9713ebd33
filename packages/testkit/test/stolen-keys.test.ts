import {
  amount,
  claimAnswer,
  concatBytes,
  counter,
  decode,
  decodeSequence,
  institutionId,
  keyIdOf,
  MAX_MESSAGE,
  outcome,
  payment,
  paymentContext,
  seconds,
  signCertificate,
  taIdOf,
  unwrap,
  type Chain,
  type Claims,
  type Payment,
  type Seconds,
  type SyncSigner,
  type TaId,
  type WalletId,
} from "@bezant/protocol";
import { beforeAll, describe, expect, test, vi } from "vitest";
import {
  EUR,
  newSigner,
  START,
  type Network,
  type NetworkCentralBank,
  type Party,
} from "../src/index.ts";
import { payOffline, settleAll, useTwoProviders } from "./support/two-providers.ts";

// Nothing here waits for a time: on a busy machine databases and servers take theirs to start again.
vi.setConfig({ testTimeout: 900_000, hookTimeout: 900_000 });

let network: Network;
let bank: NetworkCentralBank;
let alice: Party;
let bob: Party;
let shop: Party;
useTwoProviders((made) => {
  ({ network, bank, alice, bob, shop } = made);
});

describe("a provider's key that was stolen, and is revoked since then", () => {
  const alpha = () => network.provider("alpha");
  let carol: Party;
  let stolen: SyncSigner;
  let since: Seconds;
  let taken = 100;

  /** What its thief signs: a payment of a TA that the key certified, as it says, long ago. */
  function forge(receiver: WalletId): Uint8Array {
    const ta = newSigner();
    const claims: Claims = {
      role: "ta",
      iss: alpha().id,
      currency: EUR,
      key: ta.publicKey.compressed,
      serial: 1,
      nbf: START,
      exp: seconds(START + 86_400),
      limitsProfile: 1,
      securityLevel: 3,
    };
    const sender = taIdOf(ta.publicKey);
    const content: Payment = {
      amount: amount(1000n),
      receiver,
      receiverClass: "wallet",
      j: counter(1),
      r: counter(1),
      challenge: new Uint8Array(8),
      time: START,
      type: "basic",
    };
    const context = paymentContext({ currency: EUR, home: alpha().id, sender, receiver });
    const certificate = signCertificate(claims, stolen);
    return payment.sign(content, context, ta, { certificate, chain: chainOfStolen });
  }
  let chainOfStolen: Chain;

  const postTo = (path: string, type: string, body: Uint8Array): Promise<Response> =>
    fetch(network.provider("beta").url + path, {
      method: "POST",
      headers: { "content-type": type },
      body: new Uint8Array(body),
    });
  /** What beta answers to each of these payments, brought at once. */
  async function claimAll(...payments: Uint8Array[]): Promise<string[]> {
    const response = await postTo("/v1/claims", "application/cbor-seq", concatBytes(...payments));
    const bytes = new Uint8Array(await response.arrayBuffer());
    const answers = unwrap(decodeSequence(bytes, { maxItems: 9, maxItemSize: 2 * MAX_MESSAGE }));
    return answers.map((answer) => {
      const { kind, value } = unwrap(decode(claimAnswer, answer));
      return kind === "refused" ? value : unwrap(outcome.parse(value)).payload.kind;
    });
  }
  async function claimOne(message: Uint8Array): Promise<string> {
    const path = `/v1/clients/${await shop.id()}/claims`;
    const response = await postTo(path, "application/cose", message);
    if (response.ok) return "claimed";
    return ((await response.json()) as { code: string }).code;
  }
  /** From a payer whose payment nobody has brought yet. */
  async function owed(payer: Party, x: bigint): Promise<Uint8Array> {
    const asked = unwrap(await shop.wallet.requestPayment({ amount: amount(x), withChain: true }));
    return unwrap(await payer.wallet.pay(asked.message)).message;
  }
  const paid: Record<string, Uint8Array> = {};

  beforeAll(async () => {
    await payOffline(alice, bob, 10n);
    await settleAll({ network });
    // Carol's device is certified before the theft, and not reported yet.
    carol = await network.party({ at: "alpha", offline: 500n });
    stolen = alpha().key;
    chainOfStolen = alpha().chain();
    since = network.clock.now();
    network.clock.pass(400);
    for (const [name, payer] of Object.entries({ alice, carol }))
      paid[name] = await owed(payer, 10n);
    paid["bob"] = await owed(bob, 3n);
    const list = network.institutions.revoke(++taken, [[keyIdOf(stolen.publicKey), since]]);
    expect((await postTo("/v1/institutions", "application/cbor-seq", list)).status).toBe(200);
    alpha().rollOver();
    await alpha().stop();
    await alpha().start();
  });

  test("nobody is believed by the date that the key has signed while the central bank cannot be asked, others are", async () => {
    bank.isAway = true;
    const before = await network.provider("beta").online(await shop.id());
    const answers = await claimAll(paid["alice"]!, paid["bob"]!, forge(await shop.id()));
    expect(answers).toEqual(["issuer-unconfirmed", "claimed", "issuer-unconfirmed"]);
    expect(await claimOne(paid["alice"]!)).toBe("issuer-unconfirmed");
    expect(await network.provider("beta").online(await shop.id())).toBe(before + 3n);
    bank.isAway = false;
    network.clock.pass(10);
  });

  test("whom a report named before is honoured, everybody else waits for the operator", async () => {
    const receiver = await shop.id();
    const before = await network.provider("beta").online(receiver);
    const forged = forge(receiver);
    expect(await claimAll(forged, paid["alice"]!, paid["carol"]!)).toEqual([
      "claim-in-review",
      "claimed",
      "claim-in-review",
    ]);
    for (const one of [forged, paid["carol"]!]) expect(await claimOne(one)).toBe("claim-in-review");
    expect(await network.provider("beta").online(receiver)).toBe(before + 10n);
    const sender = await carol.ta();
    await network.provider("beta").releaseClaim(receiver, sender, 1);
    expect(await claimOne(paid["carol"]!)).toBe("claimed");
    expect(await network.provider("beta").online(receiver)).toBe(before + 20n);
  });

  test("what the central bank has said once is not asked again", async () => {
    const again = await owed(alice, 5n);
    const forged = forge(await shop.id());
    expect(await claimOne(forged)).toBe("claim-in-review");
    await network.provider("beta").stop();
    await network.provider("beta").start();
    bank.isAway = true;
    expect(await claimAll(again, forged)).toEqual(["claimed", "claim-in-review"]);
    bank.isAway = false;
  });

  test("a report that names a certificate after the revocation does not help it", async () => {
    const late = await owed(carol, 7n);
    await settleAll({ network });
    expect(await claimOne(late)).toBe("claim-in-review");
    await network.provider("beta").releaseClaim(await shop.id(), await carol.ta(), 2);
    expect(await claimOne(late)).toBe("claimed");
  });
});

describe("an intermediary's key that was stolen, and is revoked since then", () => {
  const [alpha, beta] = [() => network.provider("alpha"), () => network.provider("beta")];
  let stall: Party;
  let since: Seconds;
  /** Payments of the clients of beta, which reported in time, and of providers that the thief has made. */
  const payments: Record<string, Uint8Array> = {};
  /** How beta's client knows that a payment came back. */
  let declined: TaId;

  /** A provider that the thief certified, and a payment of a device that this provider certified. */
  function forge(
    nbf: Seconds,
    { receiver, x }: { readonly receiver: WalletId; readonly x: bigint },
  ) {
    const [provider, ta] = [newSigner(), newSigner()];
    const validity = { nbf, exp: seconds(nbf + 86_400) };
    const [id, currency] = [institutionId("gamma"), EUR];
    const chain = network.institutions.certifyBelow({
      role: "provider",
      iss: institutionId("inter"),
      sub: id,
      currency,
      key: provider.publicKey.compressed,
      serial: 1,
      ...validity,
    });
    const certificate = signCertificate(
      {
        role: "ta",
        iss: id,
        currency,
        key: ta.publicKey.compressed,
        serial: 1,
        limitsProfile: 1,
        securityLevel: 3,
        ...validity,
      },
      provider,
    );
    const sender = taIdOf(ta.publicKey);
    const content: Payment = {
      amount: amount(x),
      receiver,
      receiverClass: "wallet",
      j: counter(1),
      r: counter(1),
      challenge: new Uint8Array(8),
      time: START,
      type: "basic",
    };
    const context = paymentContext({ currency, home: id, sender, receiver });
    return payment.sign(content, context, ta, { certificate, chain });
  }
  const post = (url: string, type: string, body: Uint8Array): Promise<Response> =>
    fetch(url, { method: "POST", headers: { "content-type": type }, body: new Uint8Array(body) });
  /** What alpha answers to its client. */
  async function claim(name: string): Promise<string> {
    const path = `/v1/clients/${await stall.id()}/claims`;
    const answer = await post(alpha().url + path, "application/cose", payments[name]!);
    return answer.ok ? "claimed" : ((await answer.json()) as { code: string }).code;
  }

  beforeAll(async () => {
    stall = await network.party({ at: "alpha" });
    await payOffline(alice, bob, 40n);
    await settleAll({ network });
    since = network.clock.now();
    network.clock.pass(400);
    // Signed after the revocation, under certificates of before it.
    const pay = async (x: bigint): Promise<Uint8Array> => {
      const terms = { amount: amount(x), withChain: true };
      const asked = unwrap(await stall.wallet.requestPayment(terms));
      return unwrap(await bob.wallet.pay(asked.message)).message;
    };
    payments["bob"] = await pay(11n);
    const { sender, j } = unwrap(await stall.wallet.receive(await pay(7n)));
    const { outcome: never } = unwrap(await stall.wallet.decline({ sender, j }));
    unwrap(await bob.wallet.settle(never));
    declined = sender;
    const receiver = await stall.id();
    payments["forged"] = forge(START, { receiver, x: 1000n });
    payments["late"] = forge(seconds(since + 1), { receiver, x: 1000n });
    const list = network.institutions.revokeIntermediary(1, since);
    for (const { url } of [alpha(), beta()]) {
      const brought = await post(`${url}/v1/institutions`, "application/cbor-seq", list);
      expect(brought.status).toBe(200);
    }
  });

  test("keeps claims and refunds waiting while nobody can say who was reported in time", async () => {
    bank.isAway = true;
    const before = await alpha().online(await stall.id());
    expect(await claim("bob")).toBe("issuer-unconfirmed");
    expect(await claim("forged")).toBe("issuer-unconfirmed");
    expect(await claim("late")).toBe("issuer-revoked");
    expect(await bob.wallet.refund()).toMatchObject({
      error: { code: "issuer-unconfirmed", pending: true },
    });
    expect(await alpha().online(await stall.id())).toBe(before);
    bank.isAway = false;
    network.clock.pass(10);
  });

  test("leaves the money of its providers' clients as good as before, and nobody else's", async () => {
    const [before, held] = [await alpha().online(await stall.id()), await bob.offline()];
    expect(await claim("bob")).toBe("claimed");
    expect(await claim("forged")).toBe("claim-in-review");
    expect(await claim("late")).toBe("issuer-revoked");
    expect(await alpha().online(await stall.id())).toBe(before + 11n);
    expect(unwrap(await bob.wallet.refund())).toEqual({ count: 1, amount: 7n, refused: [] });
    expect(await bob.offline()).toBe(held + 7n);
    expect(declined).toBe(await bob.ta());
  });
});
