import {
  attach,
  concatBytes,
  parseCertificate,
  unwrap,
  withdrawalAcknowledgement,
  type Result,
} from "@bezant/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  COMMANDS,
  commandOf,
  decodeInput,
  encodeInput,
  type CommandName,
} from "../../src/commands.ts";
import { signAcknowledgement } from "../world/signed.ts";
import { probe } from "./support/invoke.ts";
import { cborItem, mutation } from "./support/mutations.ts";
import { fund, Network } from "./support/network.ts";
import { restructuring } from "./support/structure.ts";
import { targets } from "./support/targets.ts";

// The TA reads bytes with a decoder of its own; the protocol package has another. They accept the same bytes, and refuse
// all others for the same reasons.

const network = new Network(8);
const { home } = network;
const READING = ["malformed", "wrong-type", "unsupported-algorithm", "bad-key"];
const LAST_COMMAND = 23;

const change = fc.oneof(restructuring, mutation);

describe("a changed message", () => {
  it.each(targets(network))("for $name is read alike", ({ device, genuine, run, parse }) => {
    fc.assert(
      fc.property(change, (apply) => {
        const message = apply(genuine);
        fc.pre(message.length <= 2048);
        const status = probe(device, ...run(message));
        const parsed = parse(message);
        if (!parsed.ok) expect(status).toBe(parsed.error.code);
        else if (READING.includes(status)) {
          // What can be read may have a certificate in it that cannot.
          const { certificate, chain = [] } = parsed.value;
          const attached = certificate === undefined ? chain : [certificate, ...chain];
          expect(attached.map(parseCertificate).map(refusalOf)).toContain(status);
        }
      }),
      { numRuns: 4000 },
    );
  });

  it.each(targets(network))(
    "for $name does nothing unless only its envelope was changed",
    ({ device, genuine, run }) => {
      fc.assert(
        fc.property(change, (apply) => {
          const message = apply(genuine);
          fc.pre(message.length <= 2048);
          const status = probe(device, ...run(message));
          if (status === "ok") expect(withoutEnvelope(message)).toEqual(withoutEnvelope(genuine));
        }),
        { numRuns: 2000 },
      );
      expect(probe(device, ...run(genuine))).toBe("ok");
    },
  );
});

describe("a changed certificate", () => {
  it("is read alike, wherever in the chain it is", () => {
    const device = network.initialised();
    const genuine = network.certification(home, device);
    const originals = [genuine.certificate, ...genuine.chain] as const;
    fc.assert(
      fc.property(change, fc.nat(2), (apply, changed) => {
        const parts = originals.map((bytes, i) => (i === changed ? apply(bytes) : bytes));
        fc.pre(parts.every(({ length }) => length <= 256));
        const [certificate, provider, intermediary] = parts as [Uint8Array, Uint8Array, Uint8Array];
        const input = { ...genuine, certificate, chain: [provider, intermediary] as const };
        const status = probe(device, COMMANDS.CertInit.number, encodeInput("CertInit", input));
        const refused = parts
          .map(parseCertificate)
          .map(refusalOf)
          .find((code) => code !== undefined);
        if (refused === undefined) expect(READING).not.toContain(status);
        else expect(status).toBe(refused);
      }),
      { numRuns: 12_000 },
    );
  });
});

describe("what is attached and not needed", () => {
  const device = network.active();
  const plain = unwrap(attach(signAcknowledgement(home, device.id, 0), {}));
  // [header, {}, payload, signature], whose header has less than 24 bytes.
  const envelopeAt = 2 + (plain[1] ?? 0) - 0x40;

  /** The acknowledgement with this as kcwt, whatever it is. */
  function withAttached(item: Uint8Array): Uint8Array {
    expect(plain[envelopeAt]).toBe(0xa0);
    const [before, after] = [plain.subarray(0, envelopeAt), plain.subarray(envelopeAt + 1)];
    return concatBytes(before, Uint8Array.of(0xa1, 0x0d), item, after);
  }

  function statusWith(item: Uint8Array): string {
    const input = encodeInput("AckWithdraw", { acknowledgement: withAttached(item) });
    return probe(device, COMMANDS.AckWithdraw.number, input);
  }

  it("is any one deterministic item, of at most 256 bytes and nested at most 8 deep", () => {
    let accepted = 0;
    fc.assert(
      fc.property(cborItem, (item) => {
        const readable = withdrawalAcknowledgement.parse(withAttached(item)).ok;
        if (readable) accepted += 1;
        expect(statusWith(item)).toBe(readable ? "ok" : "malformed");
      }),
      { numRuns: 10_000 },
    );
    expect(accepted).toBeGreaterThan(1000);
  });

  const nested = (depth: number): string => `${"81".repeat(depth - 1)}00`;
  it.each([
    ["eight arrays deep", nested(8), "ok"],
    ["nine arrays deep", nested(9), "malformed"],
    ["eight maps deep", `${"a100".repeat(7)}00`, "ok"],
    ["nine maps deep", `${"a100".repeat(8)}00`, "malformed"],
    ["256 bytes", `58fe${"00".repeat(254)}`, "ok"],
    ["257 bytes", `58ff${"00".repeat(255)}`, "malformed"],
    ["the largest integer", "1bffffffffffffffff", "ok"],
    ["the smallest integer", "3bffffffffffffffff", "ok"],
    ["a long form of 23", "1817", "malformed"],
    ["a long form of 255", "1900ff", "malformed"],
    ["a long form of 65535", "1a0000ffff", "malformed"],
    ["a long form of 2^32 - 1", "1b00000000ffffffff", "malformed"],
    ["a reserved head", "1c000000000000000000000000000000ff", "malformed"],
    ["an indefinite array", "9fff", "malformed"],
    ["a break", "ff", "malformed"],
    ["false", "f4", "ok"],
    ["true", "f5", "ok"],
    ["null", "f6", "malformed"],
    ["undefined", "f7", "malformed"],
    ["a float", "f93c00", "malformed"],
    ["a tag", "c100", "malformed"],
    ["keys in order", "a2000018180000", "malformed"],
    ["two keys in order", "a200002000", "ok"],
    ["keys out of order", "a220000000", "malformed"],
    ["a key twice", "a200000000", "malformed"],
    ["a shorter key later", "a261620061610000", "malformed"],
    ["text", "63e282ac", "ok"],
    ["the end of two-byte text", "62dfbf", "ok"],
    ["an overlong form of two bytes", "62c1bf", "malformed"],
    ["the beginning of two-byte text", "62c280", "ok"],
    ["an overlong form of three bytes", "63e09fbf", "malformed"],
    ["the beginning of three-byte text", "63e0a080", "ok"],
    ["the last before the surrogates", "63ed9fbf", "ok"],
    ["a surrogate", "63eda080", "malformed"],
    ["the first behind the surrogates", "63ee8080", "ok"],
    ["an overlong form of four bytes", "64f08fbfbf", "malformed"],
    ["the beginning of four-byte text", "64f0908080", "ok"],
    ["the last character", "64f48fbfbf", "ok"],
    ["one above the last character", "64f4908080", "malformed"],
    ["a head that no text has", "64f5808080", "malformed"],
    ["a byte that follows nothing", "6180", "malformed"],
    ["text cut short", "62e282", "malformed"],
    ["text whose last character would end in the next item", "826261c380", "malformed"],
    ["text and an empty array", "8262616180", "ok"],
    ["a character and half another", "6361c2", "malformed"],
    ["a byte in the middle that does not follow", "63e28041", "malformed"],
    ["two characters", "64c3bcc39f", "ok"],
  ])("%s", (_, hex, status) => {
    expect(statusWith(Buffer.from(hex, "hex"))).toBe(status);
  });
});

describe("a changed input", () => {
  const device = network.active();
  fund(device, 100n);
  const genuine = Array.from(
    { length: LAST_COMMAND },
    (_, i) => [i + 1, sampleInput(i + 1)] as const,
  );

  it("is malformed exactly where the header cannot decode it", () => {
    fc.assert(
      fc.property(fc.constantFrom(...genuine), change, ([number, sample], apply) => {
        const input = apply(sample);
        const name = commandOf(number) as CommandName;
        const decoded = decodeInput(name, input);
        const status = probe(device, number, input);
        // A message inside may be malformed as well.
        const takesMessage = /Init|Renew|Deposit$|Ack|Pay$|Collect|Settle|Release|Sync$/.test(name);
        if (!decoded.ok) expect(status).toBe("malformed");
        else if (!takesMessage) expect(status).not.toBe("malformed");
      }),
      { numRuns: 20_000 },
    );
  });

  function sampleInput(number: number): Uint8Array {
    const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(2);
    const certification = network.certification(home, device);
    const samples: Partial<Record<CommandName, unknown>> = {
      Init: { anchor: bytes(33) },
      Attest: { audience: home.id, nonce: bytes(16) },
      CertInit: certification,
      Renew: certification,
      ReserveDeposit: { amount: 70_000n },
      Deposit: { confirmation: bytes(3) },
      Withdraw: { amount: 1n },
      AckWithdraw: { acknowledgement: bytes(3) },
      RequestPayment: { amount: 300n, expires: 70_000, replaces: 1 },
      CancelRequest: { r: 1 },
      Pay: { request: bytes(3), hint: 70_000 },
      Collect: { payment: bytes(3) },
      Settle: { outcome: bytes(3) },
      Release: { outcome: bytes(3) },
      Resend: { kind: "outcome", n: 1 },
      GetBalance: { nonce: bytes(16) },
      Sync: { response: bytes(3) },
      PinVerify: { pin: bytes(4), allowance: 300n },
      SetPin: { pin: bytes(12) },
    };
    const name = commandOf(number) as CommandName;
    return encodeInput(name, (samples[name] ?? {}) as never);
  }
});

function refusalOf(result: Result<unknown, { readonly code: string }>): string | undefined {
  return result.ok ? undefined : result.error.code;
}

function withoutEnvelope(message: Uint8Array): Uint8Array {
  return unwrap(attach(message, {}));
}
