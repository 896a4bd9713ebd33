import {
  amount,
  assemble,
  attach,
  bytes,
  certificate,
  counter,
  depositConfirmation,
  encode,
  map,
  registration,
  seconds,
  signedBalance,
  unwrap,
  withdrawal,
} from "@bezant/protocol";
import { beforeAll, describe, expect, test } from "vitest";
import { useDatabase } from "../support/database.ts";
import {
  makeDevice,
  makeWorld,
  TestTa,
  type TestWallet,
  type World,
} from "../support/world/index.ts";
import { expectSupplyIdentity } from "../support/world/supply.ts";
import {
  Abort,
  keyGen,
  paperPay,
  paperSign,
  PaperServer,
  sigVerify,
  toBytes,
  type PaperCertificate,
  type PaperKey,
} from "./paper-server.ts";

// The rows of the design's table "What differs from Figure 4, and why" that can be tried on a server: each attack, or
// loss, comes about with the server of the paper, and does not with ours.

const database = useDatabase();
let world: World;
beforeAll(async () => {
  world = await makeWorld(database());
});
expectSupplyIdentity(() => world);

interface PaperClient {
  readonly key: PaperKey;
  readonly ta: PaperKey;
  readonly cert: PaperCertificate;
  readonly taCert: PaperCertificate;
}

const oem = keyGen();

function paper(onBal = 0): [PaperServer, PaperClient] {
  const server = new PaperServer(oem.vk);
  return [server, join(server, onBal)];
}

function join(server: PaperServer, onBal = 0): PaperClient {
  const [key, ta] = [keyGen(), keyGen()];
  const cert = server.register(key.vk, onBal);
  const taCert = server.registerTa(key.vk, ta.vk, paperSign(ta.vk, oem));
  return { key, ta, cert, taCert };
}

describe("Withdraw signs [x, i] and GetBalance signs [bal, i]", () => {
  test("at the paper's server a balance passes for a withdrawal of all of it", () => {
    const [server, { key, ta }] = paper(100);
    server.deposit(key.vk, 100);
    // The TA holds 100 at i = 1. Withdraw(1) is withheld; then GetBalance signs [99, 2].
    const balance = paperSign([99, 2], ta);
    server.withdraw(key.vk, 99, 2, balance);
    expect(server.client(key.vk).onBal).toBe(99);
  });

  test("here a signed balance is a message of another kind, whatever it is called", async () => {
    const [wallet, ta] = await world.walletWithTa(100n, 100n);
    ta.withdraw(1n);
    const numbers = { d: counter(1), w: counter(1), j: counter(0) };
    const content = { nonce: new Uint8Array(16), balance: amount(99n), ...numbers };
    const said = ta.say(signedBalance, content);
    expect((await wallet.post("withdrawals", said)).code()).toBe("wrong-type");
    const { signature } = unwrap(signedBalance.parse(said));
    const forged = withdrawal.assemble({ amount: amount(99n), w: counter(1) }, signature);
    expect((await wallet.post("withdrawals", forged)).code()).toBe("bad-signature");
    expect(await wallet.online()).toBe(0n);
  });
});

describe("S signs bytes that the client has chosen", () => {
  test("at the paper's server a registered 'key' is a TA's certificate, or a deposit of any amount", () => {
    const [server, { ta }] = paper();
    const software = keyGen();
    const fake = server.register(toBytes([software.vk, "TA"]));
    expect(sigVerify([software.vk, "TA"], fake.sig, server.key.vk)).toBe(true);
    const minted = server.register(toBytes([ta.vk, 1_000_000, 1]));
    expect(sigVerify([ta.vk, 1_000_000, 1], minted.sig, server.key.vk)).toBe(true);
  });

  test("here only a point of the curve is a key, its holder proves it, and what is signed is a certificate", async () => {
    const wallet = await world.wallet();
    const deposit = encode(depositConfirmation.payload, {
      amount: amount(1_000_000n),
      d: counter(1),
      kind: "deposit",
    });
    const { signature } = unwrap(registration.parse(wallet.registration()));
    const payload = encode(map({ key: [1, bytes(deposit.length)] }), { key: deposit });
    const chosen = assemble({ typ: registration.typ, payload, signature });
    expect((await world.http.cose("/v1/clients", chosen)).code()).toBe("malformed");

    const [, ta] = await world.walletWithTa();
    expect(() => ta.apply(wallet.certificate)).toThrow("wrong-type");
    // The signature that the provider gave for the wallet's certificate, under a deposit.
    const issued = unwrap(certificate.parse(wallet.certificate));
    const content = { amount: amount(1n), d: counter(1), kind: "deposit" } as const;
    const forged = depositConfirmation.assemble(content, issued.signature, { kid: issued.kid });
    expect(() => ta.apply(forged)).toThrow("bad-signature");
    expect(ta.balance).toBe(0n);
  });
});

describe("one counter i for both directions", () => {
  test("at the paper's server a deposit that crosses a withdrawal locks the account for ever", () => {
    const [server, { key, ta }] = paper(100);
    server.deposit(key.vk, 50);
    // T.i = 1. The TA withdraws 10 as i = 2; before it arrives, S deposits 20 as i = 2, too.
    const withdrawn = paperSign([10, 2], ta);
    const [, i] = server.deposit(key.vk, 20);
    expect(i).toBe(2);
    expect(() => server.withdraw(key.vk, 10, 2, withdrawn)).toThrow(Abort);
    // The TA, at T.i = 2, wants i = 3 next: the deposit of i = 2 is lost to it as well. 30 are gone.
    expect(server.client(key.vk).onBal).toBe(30);
  });

  test("here each direction has its own sequence, and both arrive", async () => {
    const [wallet, ta] = await world.walletWithTa(100n, 50n);
    const withdrawn = ta.withdraw(10n);
    ta.apply((await wallet.post("deposits", wallet.depositRequest(ta.reserve(20n)))).bytes());
    ta.acknowledge((await wallet.post("withdrawals", withdrawn)).bytes());
    expect([await wallet.online(), ta.balance]).toEqual([40n, 60n]);
  });

  test("at the paper's server a lost confirmation is lost money, and so is everything after it", () => {
    const [server, { key }] = paper(100);
    server.deposit(key.vk, 50); // lost
    const [, i] = server.deposit(key.vk, 20);
    expect(i).toBe(2); // The TA wants 1.
    expect(server.client(key.vk).onBal).toBe(30);
  });

  test("here the same request brings the same confirmation again", async () => {
    const [wallet, ta] = await world.walletWithTa(100n);
    const request = wallet.depositRequest(ta.reserve(50n));
    await wallet.post("deposits", request); // lost
    ta.apply((await wallet.post("deposits", request)).bytes());
    expect([await wallet.online(), ta.balance]).toEqual([50n, 50n]);
  });
});

describe("collect or claim, but not both", () => {
  test("at the paper's server a payment that a TA has collected is claimed as well", () => {
    const [server, payer] = paper();
    const payee = join(server);
    const P = paperPay(payer.ta, payer.taCert, payee.taCert, 70, 1);
    // The payee's TA collects P: receiver is its certificate. Then:
    server.claim(payee.key.vk, P);
    expect(server.client(payee.key.vk).onBal).toBe(70);
  });

  test("here the receiver's class is signed in P, and a payment to a TA cannot be claimed", async () => {
    const [, payer] = await world.walletWithTa(100n, 100n);
    const [payee, ta] = await world.walletWithTa();
    const paid = payer.pay({ receiver: ta.id, receiverClass: "ta" }, 70n);
    ta.collect(paid, payer.id);
    expect((await payee.post("claims", paid)).code()).toBe("wrong-audience");
    const batch = await world.http.sequence("/v1/claims", paid);
    expect(Buffer.from(batch.bytes()).includes("wrong-audience")).toBe(true);
    expect(await payee.online()).toBe(0n);
  });
});

describe("the log compares P as a whole, and not all of it is signed", () => {
  test("at the paper's server a payment is claimed again with another time, or the other s", () => {
    const [server, payer] = paper();
    const payee = join(server);
    const P = paperPay(payer.ta, payer.taCert, payee.cert, 70, 1);
    server.claim(payee.key.vk, P);
    expect(() => server.claim(payee.key.vk, P)).toThrow(Abort);
    server.claim(payee.key.vk, { ...P, time: 1 });
    server.claim(payee.key.vk, { ...P, sig: otherS(P.sig) });
    expect(server.client(payee.key.vk).onBal).toBe(210);
  });

  test("here everything is signed, s is low, and (sender, index) counts once", async () => {
    const [, ta] = await world.walletWithTa(100n, 100n);
    const merchant = await world.wallet();
    const paid = ta.pay(merchant.payee, 70n);
    await merchant.post("claims", paid);
    const later = ta.signPayment({
      ...merchant.payee,
      amount: amount(70n),
      j: counter(1),
      time: seconds(1),
    });
    expect((await merchant.post("claims", later)).code()).toBe("payment-fork");
    const twin = Uint8Array.from(paid);
    twin.set(otherS(paid.slice(-64)), paid.length - 64);
    expect((await merchant.post("claims", twin)).code()).toBe("bad-signature");
    const enveloped = unwrap(attach(paid, { certificate: ta.certificate, chain: world.chain }));
    expect((await merchant.post("claims", enveloped)).code()).toBe("ok");
    expect(await merchant.online()).toBe(70n);
  });
});

describe("whoever brings P gets the money", () => {
  test("at the paper's server a thief claims a payment to somebody else", () => {
    const [server, payer] = paper();
    const [payee, thief] = [join(server), join(server)];
    const P = paperPay(payer.ta, payer.taCert, payee.cert, 70, 1);
    server.claim(thief.key.vk, P);
    expect(server.client(thief.key.vk).onBal).toBe(70);
    expect(() => server.claim(payee.key.vk, P)).toThrow(Abort);
  });

  test("here it credits only the receiver that it names", async () => {
    const [, ta] = await world.walletWithTa(100n, 100n);
    const [merchant, thief] = [await world.wallet(), await world.wallet()];
    const paid = ta.pay(merchant.payee, 70n);
    expect((await thief.post("claims", paid)).code()).toBe("wrong-audience");
    expect((await merchant.post("claims", paid)).code()).toBe("ok");
    expect([await merchant.online(), await thief.online()]).toEqual([70n, 0n]);
  });
});

describe("amounts are unconstrained", () => {
  test("at the paper's server a negative deposit, or NaN, makes money", () => {
    const [server, { key }] = paper(10);
    server.deposit(key.vk, -1000);
    expect(server.client(key.vk).onBal).toBe(1010);
    server.deposit(key.vk, Number.NaN);
    expect(server.client(key.vk).onBal).toBeNaN();
  });

  test("here an amount is 1 to 2^64 - 1 or the message is malformed", async () => {
    const [wallet, ta] = await world.walletWithTa(100n, 10n);
    const message = ta.withdraw(1n);
    // Behind key 1 stands the amount, 0x01; it becomes 0, -1, false and null.
    for (const wrong of [0x00, 0x20, 0xf4, 0xf6]) {
      const body = replaced(message, [0xa2, 0x01, 0x01], [0xa2, 0x01, wrong]);
      expect((await wallet.post("withdrawals", body)).code()).toBe("malformed");
    }
    expect((await wallet.post("withdrawals", message)).code()).toBe("ok");
    expect(await wallet.online()).toBe(91n);
  });
});

describe("attestation has no nonce and binds nobody", () => {
  test("at the paper's server old evidence registers a TA for a second client", () => {
    const [server, victim] = paper();
    const thief = server.register(keyGen().vk);
    const evidence = paperSign(victim.ta.vk, oem);
    const certified = server.registerTa(thief.vk, victim.ta.vk, evidence);
    expect(certified.vk).toEqual(victim.ta.vk);
  });

  test("here evidence answers one challenge of one client, and T.vk belongs to one client for ever", async () => {
    const victim = await world.wallet();
    const thief = await world.wallet();
    const ta = new TestTa(makeDevice(world.manufacturer), world.id, world.institutions.root);
    const old = ta.attest(await victim.challenge("attest"));
    await victim.post("tas", victim.taRegistration(old));
    expect(await register(thief, old)).toBe("unknown-nonce");
    expect(await register(thief, ta.attest(await thief.challenge("attest")))).toBe("device-bound");
  });

  async function register(wallet: TestWallet, evidence: Uint8Array): Promise<string> {
    return (await wallet.post("tas", wallet.taRegistration(evidence))).code();
  }
});

describe("a new certificate strands payments to the old one", () => {
  test("here a payment names the wallet, and is claimed after its certificate was renewed", async () => {
    const own = await makeWorld(database(), { policy: { walletValidity: 30 * 86_400 } });
    const [, ta] = await own.walletWithTa(100n, 100n);
    const merchant = await own.wallet();
    const paid = ta.pay(merchant.payee, 70n);
    const before = merchant.certificate;
    own.clock.advance(0.6 * own.parts.policy.walletValidity);
    await merchant.register();
    expect(merchant.certificate).not.toEqual(before);
    expect((await merchant.post("claims", paid)).code()).toBe("ok");
    expect(await merchant.online()).toBe(70n);
  });
});

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The second signature that is as good as the first one: n - s for s. */
function otherS(signature: Uint8Array): Uint8Array {
  const s = BigInt(`0x${Buffer.from(signature.slice(32)).toString("hex")}`);
  const other = Buffer.from((ORDER - s).toString(16).padStart(64, "0"), "hex");
  return Buffer.concat([signature.slice(0, 32), other]);
}

function replaced(message: Uint8Array, what: number[], by: number[]): Uint8Array {
  const text = Buffer.from(message).toString("hex");
  const [from, to] = [what, by].map((part) => Buffer.from(part).toString("hex"));
  if (!text.includes(from!)) throw new Error("nothing to replace");
  return Buffer.from(text.replace(from!, to!), "hex");
}
