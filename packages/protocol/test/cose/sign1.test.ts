import { generateKeyPairSync, sign, verify } from "node:crypto";
import { decode as cborgDecode, encode as cborgEncode, rfc8949EncodeOptions } from "cborg";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  assemble,
  bytes,
  currency,
  encode,
  fromHex,
  idToBytes,
  institutionId,
  keyId,
  literal,
  MAX_MESSAGE,
  normaliseS,
  parseSign1,
  taIdFromBytes,
  toBeSigned,
  toHex,
  tuple,
  unwrap,
  walletIdFromBytes,
  type Sign1,
  type ToBeSigned,
} from "../../src/index.ts";
import { rawItems } from "../cbor/kitchen-sink.ts";
import { mutate, mutations } from "../cbor/mutations.ts";

const TYP = 65_009;
const sigStructure = tuple(literal("Signature1"), bytes(0, 99), bytes(0, 999), bytes(0, 9999));

describe("Sig_structure (RFC 9052 §4.4)", () => {
  // cose-wg/Examples, sign1-tests: sign-pass-03.json and sign-pass-02.json (with external_aad).
  test.each([
    [
      "sign-pass-03",
      "",
      "846A5369676E61747572653143A101264054546869732069732074686520636F6E74656E742E",
    ],
    [
      "sign-pass-02",
      "11aa22bb33cc44dd55006699",
      "846A5369676E61747572653143A101264C11AA22BB33CC44DD5500669954546869732069732074686520636F6E74656E742E",
    ],
  ])("is the COSE working group's in %s", (_, external, expected) => {
    const payload = Uint8Array.from(Buffer.from("This is the content."));
    const encoded = encode(sigStructure, [
      "Signature1",
      fromHex("a10126"),
      fromHex(external),
      payload,
    ]);
    expect(toHex(encoded)).toBe(expected.toLowerCase());
  });

  test("binds type, key, currency, home, signer, audience and payload, in that form", () => {
    fc.assert(
      fc.property(parts, (given) => {
        const header = new Map<number, unknown>([
          [1, -9],
          [16, given.typ],
        ]);
        if (given.kid !== undefined) header.set(4, fromHex(given.kid));
        const aad = [
          "bezant",
          1,
          given.typ,
          given.currency,
          given.home,
          party(given.signer),
          party(given.audience),
        ];
        const expected = encode(sigStructure, [
          "Signature1",
          cborg(header),
          cborg(aad),
          given.payload,
        ]);
        expect(toHex(toBeSigned(given))).toBe(toHex(expected));
      }),
    );
  });

  test("never is the same for two different things to sign", () => {
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        const same =
          JSON.stringify({ ...a, payload: [...a.payload] }) ===
          JSON.stringify({ ...b, payload: [...b.payload] });
        expect(toHex(toBeSigned(a)) === toHex(toBeSigned(b))).toBe(same);
      }),
    );
  });

  test("changes with each of its parts", () => {
    const id = new Uint8Array(32);
    const base: ToBeSigned = {
      typ: TYP,
      currency: currency("EUR"),
      home: institutionId("bank-a"),
      signer: taIdFromBytes(id),
      audience: walletIdFromBytes(id),
      payload: Uint8Array.of(1),
    };
    const others: readonly ToBeSigned[] = [
      { ...base, typ: TYP + 1 },
      { ...base, kid: keyId("0011223344556677") },
      { ...base, currency: "" },
      { ...base, currency: currency("USD") },
      { ...base, home: "" },
      { ...base, home: institutionId("bank-b") },
      { ...base, signer: institutionId("bank-a") },
      { ...base, signer: taIdFromBytes(id.fill(1)) },
      { ...base, audience: "" },
      { ...base, audience: institutionId("bank-a") },
      { ...base, payload: new Uint8Array() },
    ];
    const all = [base, ...others].map((each) => toHex(toBeSigned(each)));
    expect(new Set(all).size).toBe(all.length);
  });

  test("cannot be made for nobody, or for what is no id", () => {
    const base = {
      typ: TYP,
      currency: "",
      home: "",
      audience: "",
      payload: new Uint8Array(),
    } as const;
    // @ts-expect-error somebody signs
    expect(() => toBeSigned({ ...base, signer: "" })).toThrow(TypeError);
    // @ts-expect-error any text is no id
    expect(() => toBeSigned({ ...base, signer: "Bank A" })).toThrow(RangeError);
  });
});

describe("COSE_Sign1 (RFC 9052 §4.2)", () => {
  test("is read back as it was assembled, and reads so to cborg", () => {
    fc.assert(
      fc.property(messages, (given) => {
        const message = assemble(given);
        expect(unwrap(parseSign1(message, given.typ))).toEqual(given);
        const [header, envelope, payload, signature] = cborgDecode(message, { useMaps: true }) as [
          Uint8Array,
          Map<number, unknown>,
          Uint8Array,
          Uint8Array,
        ];
        const named = cborgDecode(header, { useMaps: true }) as Map<number, unknown>;
        expect(named.get(1)).toBe(-9);
        expect(named.get(16)).toBe(given.typ);
        expect(named.size).toBe(given.kid === undefined ? 2 : 3);
        expect(envelope.size).toBe(
          Number(given.kcwt !== undefined) + Number(given.chain !== undefined),
        );
        expect([payload, signature]).toEqual([given.payload, given.signature]);
      }),
    );
  });

  test("is refused, or means exactly its bytes, after any damage", () => {
    const seen = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(messages, mutations, (given, steps) => {
        const damaged = mutate(assemble(given), steps);
        const parsed = parseSign1(damaged, given.typ);
        seen[parsed.ok ? "accepted" : "refused"] += 1;
        // Damage to the signature alone may leave one that no signer would send; verifying refuses that.
        if (parsed.ok) expect(toHex(reassemble(parsed.value))).toBe(toHex(damaged));
      }),
      { numRuns: 3000 },
    );
    expect(seen.accepted).toBeGreaterThan(0);
    expect(seen.refused).toBeGreaterThan(0);
  });

  const signature = new Uint8Array(64).fill(1);
  const plain = toHex(assemble({ typ: TYP, payload: Uint8Array.of(1, 2), signature }));

  test("is 75 bytes with its payload of 2", () => {
    expect(plain).toBe("84" + "47a201281019fdf1" + "a0" + "420102" + "5840" + "01".repeat(64));
  });

  test.each([
    ["ES256 (-7)", "unsupported-algorithm", plain.replace("a20128", "a20126")],
    ["ESP384 (-51)", "unsupported-algorithm", plain.replace("47a20128", "48a2013832")],
    ["another typ", "wrong-type", plain.replace("19fdf1", "19fdf2")],
    ["a tag", "unexpected-type", `d2${plain}`],
    [
      "a key id of 7 bytes",
      "bad-length",
      plain.replace("47a201281019", "4fa30128044700000000000000" + "1019"),
    ],
    ["a crit header", "unknown-key", plain.replace("47a201281019", "4ba3012802811010" + "1019")],
    [
      "a key id that is not protected",
      "unknown-key",
      plain.replace("a042", "a1044800112233445566" + "7742"),
    ],
    ["no alg", "missing-key", plain.replace("47a201281019", "45a11019")],
    ["no typ", "missing-key", plain.replace("47a201281019fdf1", "43a10128")],
    ["no protected header", "truncated", plain.replace("47a201281019fdf1", "40")],
    ["a detached payload", "unexpected-type", plain.replace("420102", "f6")],
    ["a signature of 63 bytes", "bad-length", plain.replace("5840" + "01", "583f")],
    ["no signature", "bad-length", "83" + plain.slice(2, -132)],
    ["bytes behind it", "trailing-bytes", `${plain}00`],
    ["a chain of one", "bad-length", plain.replace("a042", "a13a0001000081" + "00" + "42")],
    [
      "a certificate that is two items",
      "unexpected-type",
      plain.replace("a042", "a10d0000" + "42"),
    ],
    ["an indefinite array", "indefinite-length", `9f${plain.slice(2)}ff`],
  ])("is refused with %s", (_, code, hex) => {
    expect(hex).not.toBe(plain);
    expect(parseSign1(fromHex(hex), TYP)).toMatchObject({ ok: false, error: { code } });
  });

  test("is refused beyond its largest size before it is read", () => {
    expect(parseSign1(new Uint8Array(MAX_MESSAGE + 1), TYP)).toEqual({
      ok: false,
      error: { code: "too-large", offset: MAX_MESSAGE },
    });
    expect(() => assemble({ typ: TYP, payload: new Uint8Array(MAX_MESSAGE), signature })).toThrow(
      TypeError,
    );
  });

  test("is not assembled with a signature that no verifier accepts", () => {
    const payload = Uint8Array.of(1);
    expect(() => assemble({ typ: TYP, payload, signature: new Uint8Array(64) })).toThrow(TypeError);
    expect(() => assemble({ typ: TYP, payload, signature: new Uint8Array(64).fill(0xfe) })).toThrow(
      TypeError,
    );
  });

  test("carries a signature that node:crypto makes and verifies, for its own context only", () => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const context = {
      currency: currency("EUR"),
      home: institutionId("bank-a"),
      signer: taIdFromBytes(new Uint8Array(32).fill(7)),
      audience: "",
    } as const;
    const payload = Uint8Array.of(1, 2, 3);
    const signed = sign("sha256", toBeSigned({ typ: TYP, ...context, payload }), {
      key: privateKey,
      dsaEncoding: "ieee-p1363",
    });
    const parsed = unwrap(
      parseSign1(assemble({ typ: TYP, payload, signature: normaliseS(signed) }), TYP),
    );
    const verifies = (inContext: Omit<ToBeSigned, "typ" | "payload">): boolean =>
      verify(
        "sha256",
        toBeSigned({ ...inContext, typ: parsed.typ, payload: parsed.payload }),
        { key: publicKey, dsaEncoding: "ieee-p1363" },
        parsed.signature,
      );
    expect(verifies(context)).toBe(true);
    expect(verifies({ ...context, currency: currency("USD") })).toBe(false);
    expect(verifies({ ...context, home: institutionId("bank-b") })).toBe(false);
    expect(verifies({ ...context, audience: institutionId("bank-a") })).toBe(false);
  });
});

const byteString = (min: number, max: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: min, maxLength: max });
const institutions = fc.stringMatching(/^[a-z0-9-]{1,8}$/).map(institutionId);
const parties = fc.oneof(
  byteString(32, 32).map(taIdFromBytes),
  byteString(32, 32).map(walletIdFromBytes),
  institutions,
);
const types = fc.integer({ min: 65_000, max: 65_019 });
const keyIds = byteString(8, 8).map((bytes8) => keyId(toHex(bytes8)));

const parts: fc.Arbitrary<ToBeSigned> = fc.record(
  {
    typ: types,
    kid: keyIds,
    currency: fc.constantFrom("" as const, currency("EUR"), currency("USD")),
    home: fc.oneof(fc.constant("" as const), institutions),
    signer: parties,
    audience: fc.oneof(fc.constant("" as const), parties),
    payload: byteString(0, 300),
  },
  { requiredKeys: ["typ", "currency", "home", "signer", "audience", "payload"] },
);

const messages: fc.Arbitrary<Sign1> = fc.record(
  {
    typ: types,
    kid: keyIds,
    kcwt: rawItems,
    chain: fc.tuple(rawItems, rawItems),
    payload: byteString(0, 300),
    signature: byteString(64, 64).map((random) => {
      // In range and low: r and s begin with a byte that is neither 0 nor above 0x7e.
      const low = Uint8Array.from(random);
      low[0] = 1 + ((low[0] ?? 0) % 0x7e);
      low[32] = 1 + ((low[32] ?? 0) % 0x7e);
      return low;
    }),
  },
  { requiredKeys: ["typ", "payload", "signature"] },
);

function party(id: string): Uint8Array {
  return id.length === 64
    ? idToBytes(id as ReturnType<typeof taIdFromBytes>)
    : Uint8Array.from(Buffer.from(id));
}

function cborg(value: unknown): Uint8Array {
  return Uint8Array.from(cborgEncode(value, rfc8949EncodeOptions));
}

/** The bytes of a parsed message by way of cborg, whatever its signature is. */
function reassemble({ typ, kid, kcwt, chain, payload, signature }: Sign1): Uint8Array {
  const header = new Map<number, unknown>([
    [1, -9],
    [16, typ],
  ]);
  if (kid !== undefined) header.set(4, fromHex(kid));
  const read = (item: Uint8Array): unknown => cborgDecode(item, { useMaps: true });
  const envelope = new Map<number, unknown>();
  if (kcwt !== undefined) envelope.set(13, read(kcwt));
  if (chain !== undefined) envelope.set(-65_537, chain.map(read));
  return cborg([cborg(header), envelope, payload, signature]);
}
