import {
  amount,
  attach,
  currency,
  institutionId,
  limitsProfile,
  seconds,
  signCertificate,
  toHex,
  unwrap,
  type CompressedKey,
  type Limits,
  type TaId,
} from "@bezant/protocol";
import { describe, expect, it } from "vitest";
import type { Status } from "../../src/commands.ts";
import {
  type CentralBank,
  DAY,
  limitsOf,
  START,
  type ClaimChanges,
  type ProviderKey,
  type Certification,
} from "../world/institutions.ts";
import { signConfirmation, withChain } from "../world/signed.ts";
import { ask, Network, pay } from "./support/network.ts";

const network = new Network(2);
const { bank, home, other } = network;
const USD = currency("USD");
const END = START + 3650 * DAY;
/** 1 is below p, and x³ - 3x + b is no square. */
const NO_POINT = `02${"00".repeat(31)}01` as CompressedKey;

type Subject = { readonly key: CompressedKey; readonly id: TaId };
type Change = (genuine: Certification, subject: Subject) => Certification;

/** Another leaf under the home provider. */
function leaf(changes: ClaimChanges): Change {
  return (genuine, { key }) => ({
    ...genuine,
    certificate: bank.taCertificate(home, key, limitsOf(), changes),
  });
}

/** A chain whose provider's and intermediary's certificates say something else; both keys stay. */
function chain(provider: ClaimChanges, intermediary: ClaimChanges = {}): Change {
  return (genuine) => ({
    ...genuine,
    chain: [
      bank.certify(bank.intermediary, { ...institution("provider", home), ...provider }),
      bank.certify(bank.root, {
        ...institution("intermediary", bank.intermediary),
        ...intermediary,
      }),
    ],
  });
}

function institution(
  role: "provider" | "intermediary",
  { id, key }: { id: string; key: ProviderKey["key"] },
) {
  return { role, sub: id, key: key.publicKey.compressed };
}

/** The algorithm changed: it stands behind the heads of array, protected header and map, and behind the key 1. */
function inEs256(part: "certificate" | 0 | 1): Change {
  return (genuine) => replace(genuine, part, (bytes) => bytes.with(4, 0x26));
}

/** One bit of the signature changed. */
function forged(part: "certificate" | 0 | 1): Change {
  return (genuine) => replace(genuine, part, (bytes) => bytes.with(-1, bytes.at(-1)! ^ 1));
}

function replace(
  genuine: Certification,
  part: "certificate" | 0 | 1,
  change: (bytes: Uint8Array) => Uint8Array,
): Certification {
  if (part === "certificate") return { ...genuine, certificate: change(genuine.certificate) };
  const [provider, intermediary] = genuine.chain;
  return {
    ...genuine,
    chain: part === 0 ? [change(provider), intermediary] : [provider, change(intermediary)],
  };
}

function profile(sign: (subject: Subject) => Uint8Array): Change {
  return (genuine, subject) => ({ ...genuine, limitsProfile: sign(subject) });
}

const REFUSALS: readonly (readonly [string, Change, Status])[] = [
  ["no certificate", (genuine) => ({ ...genuine, certificate: new Uint8Array() }), "malformed"],
  [
    "a certificate cut short",
    (genuine) => replace(genuine, "certificate", (b) => b.subarray(0, -1)),
    "malformed",
  ],
  [
    "a byte too much",
    (genuine) => replace(genuine, "certificate", (b) => Uint8Array.of(...b, 0)),
    "malformed",
  ],
  [
    "another message as certificate",
    (genuine) => ({ ...genuine, certificate: genuine.limitsProfile }),
    "wrong-type",
  ],
  ["another algorithm", inEs256("certificate"), "unsupported-algorithm"],
  ["another algorithm of the provider", inEs256(0), "unsupported-algorithm"],
  ["another algorithm of the intermediary", inEs256(1), "unsupported-algorithm"],
  [
    "a certificate in a certificate",
    (genuine) =>
      replace(genuine, "certificate", (b) => unwrap(attach(b, { certificate: Uint8Array.of(0) }))),
    "malformed",
  ],
  ["a key that is no point", leaf({ key: NO_POINT }), "bad-key"],
  ["a provider's key that is no point", chain({ key: NO_POINT }), "bad-key"],
  ["an intermediary's key that is no point", chain({}, { key: NO_POINT }), "bad-key"],
  [
    "a wallet's certificate",
    leaf({ role: "wallet", limitsProfile: undefined, securityLevel: undefined }),
    "wrong-role",
  ],
  [
    "a device's certificate",
    (genuine, { key }) => ({ ...genuine, certificate: deviceCertificate(key) }),
    "wrong-role",
  ],
  ["a provider that is an intermediary", chain({ role: "intermediary" }), "wrong-role"],
  ["an intermediary that is a provider", chain({}, { role: "provider" }), "wrong-role"],
  ["another currency than the chain's", leaf({ currency: USD }), "wrong-currency"],
  ["another currency of the provider", chain({ currency: USD }), "wrong-currency"],
  ["another currency of the intermediary", chain({}, { currency: USD }), "wrong-currency"],
  ["an issuer of another name", leaf({ iss: other.id }), "unknown-issuer"],
  ["a provider of another name", chain({ sub: other.id }), "unknown-issuer"],
  ["a provider with another key", chain({ key: other.key.publicKey.compressed }), "unknown-issuer"],
  ["a provider's issuer of another name", chain({ iss: home.id }), "unknown-issuer"],
  [
    "an intermediary of another name",
    chain({}, { sub: institutionId("nobody") }),
    "unknown-issuer",
  ],
  [
    "an intermediary with another key",
    chain({}, { key: other.key.publicKey.compressed }),
    "unknown-issuer",
  ],
  [
    "an intermediary that another root certified",
    (genuine) => {
      const { intermediaryCertificate } = otherBank();
      return replace(genuine, 1, () => intermediaryCertificate);
    },
    "unknown-issuer",
  ],
  ["a validity that ends after the provider's", leaf({ exp: seconds(END + 1) }), "wrong-validity"],
  [
    "a validity that begins before the provider's",
    leaf({ nbf: seconds(START - 1) }),
    "wrong-validity",
  ],
  [
    "a provider's validity that ends after the intermediary's",
    chain({ exp: seconds(END + 1) }),
    "wrong-validity",
  ],
  [
    "a provider's validity that begins too early",
    chain({ nbf: seconds(START - 1) }),
    "wrong-validity",
  ],
  ["a forged certificate", forged("certificate"), "bad-signature"],
  ["a forged provider", forged(0), "bad-signature"],
  ["a forged intermediary", forged(1), "bad-signature"],
  ["another TA's certificate", leaf({ key: other.key.publicKey.compressed }), "wrong-key"],
  ["no limits", (genuine) => ({ ...genuine, limitsProfile: new Uint8Array() }), "malformed"],
  [
    "a certificate as limits",
    (genuine) => ({ ...genuine, limitsProfile: genuine.certificate }),
    "wrong-type",
  ],
  [
    "limits of another provider",
    profile(({ id }) => bank.limitsFor(id, other, limitsOf())),
    "unknown-issuer",
  ],
  [
    "limits of another TA",
    profile(() => bank.limitsFor("00".repeat(32) as TaId, home, limitsOf())),
    "bad-signature",
  ],
  ["limits in another currency", profile(({ id }) => limitsIn(home, id)), "bad-signature"],
  [
    "another limits profile",
    profile(({ id }) => bank.limitsFor(id, home, limitsOf({ profile: 2 }))),
    "wrong-limits",
  ],
];

function deviceCertificate(key: CompressedKey): Uint8Array {
  const validity = { nbf: seconds(START), exp: seconds(END) };
  const claims = {
    iss: home.id,
    ...validity,
    key,
    role: "device",
    serial: 1,
    securityLevel: 1,
  } as const;
  return signCertificate(claims, home.key);
}

function otherBank(): CentralBank {
  // The same names, but neither this central bank's keys nor its signatures.
  return new Network(3).bank;
}

function limitsIn(provider: ProviderKey, ta: TaId, limits: Limits = limitsOf()): Uint8Array {
  const context = { currency: USD, home: "", signer: provider.id, audience: ta } as const;
  return limitsProfile.sign(limits, context, provider.key);
}

describe("CertInit", () => {
  it.each(REFUSALS)("refuses %s", (_, change, status) => {
    const device = network.initialised();
    const before = device.state;
    const certification = change(network.certification(home, device), device);
    expect(device.status("CertInit", certification)).toBe(status);
    expect(device.state).toBe(before);
    device.call("CertInit", network.certification(home, device));
  });

  it("refuses a certificate longer than 256 bytes before it reads it", () => {
    const device = network.initialised();
    const certification = network.certification(home, device);
    // The input's array and its two heads, then the certificate with one byte more than its head says.
    const input = Uint8Array.of(0x83, 0x59, 1, 1, ...new Uint8Array(257));
    expect(device.invoke(3, input)).toEqual({ status: 1, output: new Uint8Array() });
    expect(certification.certificate.length).toBeLessThanOrEqual(187);
  });

  it("refuses a chain under another root than the anchor", () => {
    const device = network.initialised(otherBank().anchor);
    expect(device.status("CertInit", network.certification(home, device))).toBe("unknown-issuer");
  });

  it("is refused once the TA is active, as Renew is before", () => {
    const device = network.initialised();
    const certification = network.certification(home, device);
    expect(device.status("Renew", certification)).toBe("wrong-phase");
    device.call("CertInit", certification);
    expect(device.status("CertInit", certification)).toBe("wrong-phase");
  });
});

describe("Renew", () => {
  it.each(REFUSALS)("refuses %s", (_, change, status) => {
    const device = network.active();
    const before = device.state;
    const certification = change(network.certification(home, device), device);
    expect(device.status("Renew", certification)).toBe(status);
    expect(device.state).toBe(before);
  });

  it("refuses another provider's certificate, and one in another currency", () => {
    const device = network.active();
    expect(device.status("Renew", network.certification(other, device))).toBe("not-home");
    const inUsd = chain({ currency: USD }, { currency: USD });
    const certification = inUsd(
      network.certification(home, device, limitsOf(), { currency: USD }),
      device,
    );
    const limits = limitsIn(home, device.id);
    expect(device.status("Renew", { ...certification, limitsProfile: limits })).toBe(
      "wrong-currency",
    );
  });

  it("takes only a higher serial, and limits that are not older", () => {
    const device = network.active(home, limitsOf({ version: 5 }));
    const { serial } = device.call("GetInfo", {});
    const same = network.certification(home, device, limitsOf({ version: 5 }), { serial });
    expect(device.status("Renew", same)).toBe("stale-serial");
    const older = network.certification(home, device, limitsOf({ version: 4 }), {
      serial: serial + 1,
    });
    expect(device.status("Renew", older)).toBe("stale-limits");
    const equal = network.certification(home, device, limitsOf({ version: 5 }), {
      serial: serial + 1,
    });
    expect(device.status("Renew", equal)).toBe("ok");
    expect(device.call("GetInfo", {}).serial).toBe(serial + 1);
  });

  it("moves the time forward to the certificate's beginning, never back", () => {
    const device = network.active();
    device.call(
      "Renew",
      network.certification(home, device, limitsOf(), { nbf: seconds(START + 99) }),
    );
    expect(device.call("GetInfo", {}).time).toBe(START + 99);
    device.call("Renew", network.certification(home, device));
    expect(device.call("GetInfo", {}).time).toBe(START + 99);
  });

  it("refuses an expired certificate or chain", () => {
    const device = network.active();
    device.call(
      "Renew",
      network.certification(home, device, limitsOf(), { nbf: seconds(START + 99) }),
    );
    const renew = (change: Change): Status =>
      device.status("Renew", change(network.certification(home, device), device));
    expect(renew(leaf({ exp: seconds(START + 98) }))).toBe("expired");
    expect(renew(leaf({ exp: seconds(START + 99) }))).toBe("ok");
    const short = { exp: seconds(START + 98) };
    const leafToo: Change = (genuine, subject) =>
      leaf(short)(chain(short)(genuine, subject), subject);
    expect(renew(leafToo)).toBe("expired");
  });

  it("changes the provider's key, and keeps what the TA holds", () => {
    const device = network.active();
    device.call("Deposit", { confirmation: signConfirmation(home, device.id, { d: 1, x: 9n }) });
    const next = bank.provider("bank-a");
    device.call("Renew", network.certification(next, device));
    expect(device.call("GetInfo", {})).toMatchObject({ balance: 9n, d: 1, id: device.id });
    // The old key is not at hand any more, so its chain has to come along.
    const confirmation = signConfirmation(home, device.id, { d: 2, x: 1n });
    expect(device.status("Deposit", { confirmation })).toBe("unknown-issuer");
    const attached = unwrap(attach(confirmation, { chain: home.chain }));
    expect(device.call("Deposit", { confirmation: attached })).toEqual({ balance: 10n });
    const direct = signConfirmation(next, device.id, { d: 3, x: 1n });
    expect(device.call("Deposit", { confirmation: direct })).toEqual({ balance: 11n });
  });
});

describe("a peer of another provider", () => {
  const payer = network.active();
  const payee = network.active(other);
  payer.call("Deposit", { confirmation: signConfirmation(home, payer.id, { d: 1, x: 10_000n }) });

  it("is taken with its chain, and refused with another one's", () => {
    const request = ask(payee, 10n);
    const stranger = { certificate: payee.certificate, provider: home };
    expect(payer.status("Pay", { request: withChain(request, stranger), hint: seconds(0) })).toBe(
      "unknown-issuer",
    );
    pay(payer, withChain(request, payee));
  });

  it("is refused when its chain has expired at the wallet's time, although it has not at the TA's", () => {
    const request = withChain(ask(payee, 10n), payee);
    // The payer's own certificate is checked first.
    payer.edit((state) => state.setUint32(312, 0xffff_ffff, true));
    expect(payer.status("Pay", { request, hint: seconds(END) })).toBe("ok");
    expect(payer.status("Pay", { request, hint: seconds(END + 1) })).toBe("expired");
  });
});

describe("Init", () => {
  it("refuses an anchor that is no point of the curve, and makes no key", () => {
    const device = network.blank();
    const anchor = Uint8Array.from(Buffer.from(NO_POINT, "hex"));
    expect(device.status("Init", { anchor })).toBe("bad-key");
    expect(device.state).toHaveLength(0);
    expect(device.status("Init", { anchor: anchor.with(0, 4) })).toBe("bad-key");
  });

  it("pins the anchor: the same key always makes the same id", () => {
    const device = network.initialised();
    expect(toHex(device.state.subarray(8, 41))).toBe(toHex(bank.anchor));
    expect(toHex(device.state.subarray(41, 74))).toBe(device.key);
    expect(toHex(device.state.subarray(74, 106))).toBe(device.id);
  });
});

it("commands other than Init, Attest, CertInit, Retire and GetInfo need an active TA", () => {
  const device = network.initialised();
  expect(device.status("Retire", {})).toBe("wrong-phase");
  expect(device.status("Withdraw", { amount: amount(1n) })).toBe("wrong-phase");
  expect(device.status("Release", { outcome: new Uint8Array() })).toBe("wrong-phase");
  expect(network.blank().status("Attest", { audience: home.id, nonce: new Uint8Array(16) })).toBe(
    "wrong-phase",
  );
});
