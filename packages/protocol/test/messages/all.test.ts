import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as protocol from "../../src/index.ts";
import {
  attach,
  currency,
  institutionId,
  toHex,
  typOf,
  unwrap,
  verifySignature,
  type Context,
  type Message,
} from "../../src/index.ts";
import { actor } from "../../scripts/vectors/actor.ts";
import { certificates, chainA, chainB } from "../../scripts/vectors/cast.ts";
import { examples, kinds } from "../../scripts/vectors/examples.ts";
import { verifier } from "../support/verifier.ts";

const byName = examples.map((each) => [each.name, each] as const);

describe("the table of messages (§3)", () => {
  test("has each number once, and an example of each", () => {
    const defined = (Object.values(protocol) as unknown[]).filter(isMessage);
    const typs = defined.map(({ typ }) => typ).toSorted((a, b) => a - b);
    expect(new Set(typs).size).toBe(typs.length);
    expect(typs.every((typ) => typ >= 65_000 && typ < 65_500)).toBe(true);
    expect(new Set(defined.map(({ name }) => name)).size).toBe(defined.length);
    expect(kinds.map(([typ]) => typ)).toEqual(typs);
  });
});

describe.each(byName)("%s", (_name, each) => {
  const { message, payload, payloadBytes, context, kid, signer, attached, bytes, check } = each;

  test("is read as what was signed, and verifies", () => {
    const parsed = unwrap(message.parse(bytes));
    expect(parsed.payload).toEqual(payload);
    expect(parsed.payloadBytes).toEqual(payloadBytes);
    expect(parsed.kid).toBe(kid);
    expect({ certificate: parsed.certificate, chain: parsed.chain }).toEqual({
      certificate: attached.certificate,
      chain: attached.chain,
    });
    expect(check.message).toEqual(each.toBeSigned);
    expect(verifySignature(check, verifier)).toBe(true);
  });

  test("does not verify for another signer, audience, home, currency or key", () => {
    const parsed = unwrap(message.parse(bytes));
    const others: readonly Partial<Context>[] = [
      { signer: actor("mallory").taId },
      { audience: context.audience === "" ? institutionId("bank-a") : "" },
      { audience: actor("mallory").taId },
      { home: context.home === "" ? institutionId("bank-a") : "" },
      { home: institutionId("mallory") },
      { currency: context.currency === "" ? currency("EUR") : "" },
      { currency: currency("USD") },
    ];
    const key = signer.publicKey.compressed;
    for (const other of others) {
      const moved = message.signatureCheck(parsed, { ...context, ...other }, key);
      expect(verifySignature(moved, verifier)).toBe(false);
    }
    const stolen = message.signatureCheck(parsed, context, actor("mallory").publicKey.compressed);
    expect(verifySignature(stolen, verifier)).toBe(false);
  });

  test("keeps its signature whatever is attached to it", () => {
    const envelopes = [
      {},
      { certificate: certificates.bobTa },
      { chain: chainB },
      { certificate: certificates.aliceTa, chain: chainA },
    ];
    for (const envelope of envelopes) {
      const carried = unwrap(message.parse(unwrap(attach(bytes, envelope))));
      expect(carried.certificate).toEqual(envelope.certificate);
      expect(carried.chain).toEqual(envelope.chain);
      const again = message.signatureCheck(carried, context, signer.publicKey.compressed);
      expect(verifySignature(again, verifier)).toBe(true);
    }
    expect(unwrap(attach(bytes, attached))).toEqual(bytes);
  });

  test("is never read, nor its signature taken, as any other kind", () => {
    expect(typOf(bytes)).toBe(message.typ);
    for (const [typ, other] of kinds) {
      if (typ === message.typ) continue;
      expect(other.parse(bytes)).toMatchObject({ ok: false, error: { code: "wrong-type" } });
      const posing = unwrap(message.parse(bytes));
      const check2 = other.signatureCheck(posing, context, signer.publicKey.compressed);
      expect(verifySignature(check2, verifier)).toBe(false);
    }
  });

  test("with any one byte changed is refused, does not verify, or says the same in another envelope", () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (place, flip) => {
        const changed = bytes.with(place, (bytes[place] as number) ^ flip);
        const parsed = message.parse(changed);
        if (!parsed.ok) return;
        const { value } = parsed;
        const again = message.signatureCheck(value, context, signer.publicKey.compressed);
        if (!verifySignature(again, verifier)) return;
        expect(value.payload).toEqual(payload);
        expect(value.signature).toEqual(check.signature);
        expect(value.kid).toBe(kid);
      }),
      { numRuns: 60 },
    );
  });

  test("cut short or continued is refused", () => {
    for (const cut of [0, 1, bytes.length >> 1, bytes.length - 1]) {
      expect(message.parse(bytes.slice(0, cut))).toMatchObject({ error: { code: "malformed" } });
    }
    expect(message.parse(Uint8Array.of(...bytes, 0))).toMatchObject({
      error: { code: "malformed" },
    });
  });

  test("is not of the signer's kind without, or with, a kid", () => {
    const { signature } = check;
    const wrongly = kid === undefined ? { kid: signer.keyId } : {};
    expect(() => message.assemble(payload, signature, wrongly)).toThrow(TypeError);
  });
});

test("no two examples share the bytes that are signed", () => {
  const signed = examples.map(({ toBeSigned }) => toHex(toBeSigned));
  expect(new Set(signed).size).toBe(signed.length);
});

function isMessage(value: unknown): value is Message<unknown> {
  return typeof value === "object" && value !== null && "typ" in value && "parse" in value;
}
