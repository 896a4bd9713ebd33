import {
  concatBytes,
  fromHex,
  toHex,
  type Context,
  type KeyId,
  type RefusalCode,
} from "../../src/index.ts";
import type { Actor } from "./actor.ts";
import { refuses, type Case } from "./case.ts";
import { names, people } from "./cast.ts";
import type { Example } from "./example.ts";
import { examples } from "./examples.ts";
import { bstr, decodeMap, encodeAny, hex, joined, signAny, type Parts } from "./raw.ts";

/** Bytes to be read as one kind of message, then verified for this signer in this context. */
export type FormInput = {
  readonly as: string;
  readonly bytes: Uint8Array;
  readonly context: Context;
  readonly signer: Actor;
};

function exampleOf(name: string): Example {
  const found = examples.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no example ${name}`);
  return found;
}

function caseOf(
  { message, context, signer }: Example,
  [section, code, name, bytes]: readonly [string, RefusalCode, string, Uint8Array],
): Case<FormInput> {
  const input = { as: message.name, bytes, context, signer };
  return refuses(section, code, `${message.name} ${name}`, input);
}

const withdrawal = exampleOf("withdrawal");

/** The withdrawal with another payload, properly signed. */
function payload(section: string, name: string, bytes: string): Case<FormInput> {
  const { message, context, signer, kid } = withdrawal;
  const parts = signAny({ typ: message.typ, kid, payload: hex(bytes) }, context, signer);
  return caseOf(withdrawal, [section, "malformed", name, joined(parts)]);
}

/** The withdrawal with one part replaced: no longer properly signed, but that is not what is wrong first. */
function part(
  code: RefusalCode,
  name: string,
  change: (parts: Parts) => Partial<Parts>,
): Case<FormInput> {
  const { message, context, signer, kid, payloadBytes } = withdrawal;
  const parts = signAny({ typ: message.typ, kid, payload: payloadBytes }, context, signer);
  return caseOf(withdrawal, ["3.5", code, name, joined({ ...parts, ...change(parts) })]);
}

const header = (bytes: string) => (): Partial<Parts> => ({ header: bstr(hex(bytes)) });
const envelope = (bytes: string) => (): Partial<Parts> => ({ envelope: hex(bytes) });
const signature = (bytes: Uint8Array) => (): Partial<Parts> => ({ signature: bstr(bytes) });

const ORDER = fromHex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
const one = new Uint8Array(32).with(31, 1);
const zero = new Uint8Array(32);

/** §1: what deterministic CBOR is not. The payload of the withdrawal is {1: 5000, 2: 2}. */
const encodingCases: readonly Case<FormInput>[] = [
  payload("1.1", "with an integer longer than it need be", "a2 01 1a00001388 02 02"),
  payload("1.1", "with a small integer in two bytes", "a2 01 191388 02 1802"),
  payload("1.1", "with a key longer than it need be", "a2 01 191388 1802 02"),
  payload("1.1", "with the map's head longer than it need be", "b802 01 191388 02 02"),
  payload("1.1", "with a map of indefinite length", "bf 01 191388 02 02 ff"),
  payload("1.1", "with its keys in the wrong order", "a2 02 02 01 191388"),
  payload("1.2", "with a key twice", "a3 01 191388 02 02 02 02"),
  payload("1.2", "with an unknown key", "a3 01 191388 02 02 03 00"),
  payload("1.2", "with an unknown negative key", "a3 01 191388 02 02 20 00"),
  payload("1.2", "with an unknown text key", "a3 01 191388 02 02 6161 00"),
  payload("1.4", "with a field missing", "a1 01 191388"),
  payload("1.1", "with a half-precision float", "a2 01 f94500 02 02"),
  payload("1.1", "with a double-precision float", "a2 01 fb40b3880000000000 02 02"),
  payload("1.1", "with a tagged amount", "a2 01 c2421388 02 02"),
  payload("1.1", "with null", "a2 01 f6 02 02"),
  payload("1.1", "with undefined", "a2 01 f7 02 02"),
  payload("1.1", "with a boolean amount", "a2 01 f5 02 02"),
  payload("1.1", "with a text amount", "a2 01 6435303030 02 02"),
  payload("1.1", "with a reserved head", "a2 01 1c 02 02"),
  payload("1", "of a negative amount", "a2 01 393887 02 02"),
  payload("1", "of amount zero", "a2 01 00 02 02"),
  payload("1", "with a counter over 32 bits", "a2 01 191388 02 1b0000000100000000"),
  payload("1.2", "with bytes behind its payload's map", "a2 01 191388 02 02 00"),
  payload("1.2", "with its payload's map cut short", "a2 01 191388 02"),
  payload("1.2", "with an empty payload", ""),
  payload("1.2", "with an array as its payload", "82 191388 02"),
];

/** §3.5: form, then typ, then algorithm, then payload and kid. The header is {1: -9, 16: 65006}. */
const wrapperCases: readonly Case<FormInput>[] = [
  part("malformed", "of no bytes", () => ({
    array: hex(""),
    header: hex(""),
    envelope: hex(""),
    payload: hex(""),
    signature: hex(""),
  })),
  part("malformed", "with a tag (18) before it", () => ({ array: hex("d284") })),
  part("malformed", "as an array of three", () => ({ array: hex("83"), signature: hex("") })),
  part("malformed", "as an array of five", ({ signature: sig }) => ({
    array: hex("85"),
    signature: concatBytes(sig, hex("00")),
  })),
  part("malformed", "as an array of indefinite length", ({ signature: sig }) => ({
    array: hex("9f"),
    signature: concatBytes(sig, hex("ff")),
  })),
  part("malformed", "with a byte behind it", ({ signature: sig }) => ({
    signature: concatBytes(sig, hex("00")),
  })),
  part("malformed", "with its payload detached", () => ({ payload: hex("f6") })),
  part("malformed", "with its payload not in a byte string", () => ({
    payload: hex("a20119138802 02"),
  })),
  part("malformed", "with a signature of 63 bytes", signature(new Uint8Array(63).fill(1))),
  part("malformed", "with a signature of 65 bytes", signature(new Uint8Array(65).fill(1))),
  part("malformed", "of more than 2048 bytes", () => ({ payload: bstr(new Uint8Array(2000)) })),
  part("malformed", "with an empty protected header", header("")),
  part("malformed", "with its protected header not in a byte string", () => ({
    header: hex("a2 01 28 10 19fdee"),
  })),
  part("malformed", "without algorithm", header("a1 10 19fdee")),
  part("malformed", "without typ", header("a1 01 28")),
  part("malformed", "with an algorithm by name", header("a2 01 654553323536 10 19fdee")),
  part(
    "malformed",
    "with an algorithm beyond 32 bits",
    header("a2 01 3b0000000100000000 10 19fdee"),
  ),
  part("malformed", "with a critical header", header("a3 01 28 02 8110 10 19fdee")),
  part("malformed", "with a content type", header("a3 01 28 03 00 10 19fdee")),
  part("malformed", "with typ longer than it need be", header("a2 01 28 10 1a0000fdee")),
  part("malformed", "with typ below the range", header("a2 01 28 10 19fde7")),
  part("malformed", "with typ above the range", header("a2 01 28 10 1a00010000")),
  part("malformed", "with a kid of seven bytes", header("a3 01 28 04 4700000000000000 10 19fdee")),
  part("malformed", "with its header's keys in the wrong order", header("a2 10 19fdee 01 28")),
  part("malformed", "with an unknown unprotected header", envelope("a1 04 4800000000000000 00")),
  part("malformed", "with null as its unprotected header", envelope("f6")),
  part("malformed", "with a float as its certificate", envelope("a1 0d f90000")),
  part(
    "malformed",
    "with a certificate of 257 bytes",
    envelope(`a1 0d 5900fe ${"00".repeat(254)}`),
  ),
  part("malformed", "with a certificate nested nine deep", envelope("a1 0d 8181818181818181 80")),
  part("malformed", "with a chain of one", envelope("a1 3a00010000 81 80")),
  part("malformed", "with a chain of three", envelope("a1 3a00010000 83 80 80 80")),
  part(
    "malformed",
    "with its chain before its certificate",
    envelope("a2 3a00010000 82 80 80 0d 80"),
  ),
  part("wrong-type", "that says it is an acknowledgement", header("a2 01 28 10 19fdef")),
  part("wrong-type", "of an unknown typ in the range", header("a2 01 28 10 19ffff")),
  part("wrong-type", "of another typ and algorithm: typ first", header("a2 01 26 10 19fdef")),
  part("unsupported-algorithm", "signed with ES256", header("a2 01 26 10 19fdee")),
  part("unsupported-algorithm", "signed with EdDSA", header("a2 01 27 10 19fdee")),
  part("unsupported-algorithm", "signed with algorithm 9", header("a2 01 09 10 19fdee")),
  part("unsupported-algorithm", "of another algorithm and payload: algorithm first", () => ({
    header: bstr(hex("a2 01 26 10 19fdee")),
    payload: bstr(hex("a0")),
  })),
  part("bad-signature", "with r = 0", signature(concatBytes(zero, one))),
  part("bad-signature", "with s = 0", signature(concatBytes(one, zero))),
  part("bad-signature", "with r = n", signature(concatBytes(ORDER, one))),
  part("bad-signature", "with s = n", signature(concatBytes(one, ORDER))),
  part("bad-signature", "with s = (n + 1) / 2", signature(concatBytes(one, half(1n)))),
  part("bad-signature", "with a signature of somebody else", () =>
    signAny(
      { typ: withdrawal.message.typ, kid: undefined, payload: withdrawal.payloadBytes },
      withdrawal.context,
      people.mallory,
    ),
  ),
];

function half(more: bigint): Uint8Array {
  const value = (BigInt(`0x${toHex(ORDER)}`) - 1n) / 2n + more;
  return fromHex(value.toString(16).padStart(64, "0"));
}

/** Of every kind: without each field, with one too many, and with kid against the rule. */
function generalCases(each: Example): readonly Case<FormInput>[] {
  const { message, context, signer, kid, payloadBytes } = each;
  const fields = decodeMap(payloadBytes);
  const made = (
    section: string,
    name: string,
    entries: readonly (readonly [number, unknown])[],
    key: KeyId | undefined,
  ): Case<FormInput> => {
    const bytes = encodeAny(new Map(entries));
    const parts = signAny({ typ: message.typ, kid: key, payload: bytes }, context, signer);
    return caseOf(each, [section, "malformed", name, joined(parts)]);
  };
  const all = [...fields];
  const otherKid = kid === undefined ? signer.keyId : undefined;
  const without = (key: number): typeof all => all.filter(([other]) => other !== key);
  return [
    ...all.map(([key]) => made("1.2", `without field ${key}`, without(key), kid)),
    made("1.2", "with a field too many", [...all, [99, 0]], kid),
    made("3.2", kid === undefined ? "with a kid" : "without kid", all, otherKid),
  ];
}

/** Rules of single fields that the grammar, or the prose beside it, adds. */
function fieldCase(
  name: string,
  section: string,
  what: string,
  change: (fields: Map<number, unknown>) => void,
): Case<FormInput> {
  const each = exampleOf(name);
  const fields = decodeMap(each.payloadBytes);
  change(fields);
  const { message, context, signer, kid } = each;
  const parts = signAny({ typ: message.typ, kid, payload: encodeAny(fields) }, context, signer);
  return caseOf(each, [section, "malformed", what, joined(parts)]);
}

type Own = Map<number, unknown>;
const own = (fields: Map<number, unknown>): Own => fields.get(-65_537) as Own;
const cose = (fields: Map<number, unknown>): Own => (fields.get(8) as Own).get(1) as Own;
const ta = "certificate of role ta";
const bank = "certificate of role provider";
const device = "certificate of role device";
const refund = "deposit-confirmation of a refund, chain attached";
const deposit = "deposit-confirmation of a deposit";
const paid = "payment to a TA of another provider";

const badAddresses = [
  ["without TLS", "http://bank-a.example"],
  ["with a user", "https://user:word@bank-a.example"],
  ["with a path", "https://bank-a.example/"],
  ["with a query", "https://bank-a.example?to=b"],
  ["with a fragment", "https://bank-a.example#b"],
  ["in upper case", "https://Bank-a.example"],
  ["without a host", "https://"],
  ["with an empty port", "https://bank-a.example:"],
  ["with port 0", "https://bank-a.example:0"],
  ["with port 65536", "https://bank-a.example:65536"],
  ["with a line end", "https://bank-a.example\n"],
  ["of 254 characters", `https://${"a".repeat(254)}`],
] as const;

const fieldCases: readonly Case<FormInput>[] = [
  fieldCase(ta, "1", "with an issuer of nine characters", (f) => f.set(1, "bank-abcd")),
  fieldCase(ta, "1", "with an issuer in upper case", (f) => f.set(1, "Bank-a")),
  fieldCase(ta, "1", "with an issuer without a name", (f) => f.set(1, "")),
  fieldCase(ta, "1", "with a currency in lower case", (f) => own(f).set(2, "eur")),
  fieldCase(ta, "2.2", "with a key of another type", (f) => cose(f).set(1, 1)),
  fieldCase(ta, "2.2", "with a key on another curve", (f) => cose(f).set(-1, 2)),
  fieldCase(ta, "2.2", "with a key whose x is p", (f) =>
    cose(f).set(-2, fromHex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff")),
  ),
  fieldCase(ta, "2.2", "with an uncompressed key", (f) => cose(f).set(-3, new Uint8Array(32))),
  fieldCase(ta, "4", "of a TA with a subject", (f) => f.set(2, "alice")),
  fieldCase(ta, "4", "of a TA without currency", (f) => own(f).delete(2)),
  fieldCase(ta, "4", "of a TA without limits profile", (f) => own(f).delete(4)),
  fieldCase(ta, "4", "of a TA without security level", (f) => own(f).delete(5)),
  fieldCase(ta, "4", "of a TA with security level 0", (f) => own(f).set(5, 0)),
  fieldCase(ta, "4", "of an unknown role", (f) => own(f).set(1, 6)),
  fieldCase(bank, "4", "of a provider with a limits profile", (f) => own(f).set(4, 1)),
  fieldCase(bank, "4", "of a provider with a security level", (f) => own(f).set(5, 1)),
  fieldCase(bank, "4", "of a provider without a name", (f) => f.delete(2)),
  fieldCase(device, "4", "of a device with a currency", (f) => own(f).set(2, "EUR")),
  fieldCase(refund, "6", "of a refund that says it is a deposit", (f) => f.set(3, 0)),
  fieldCase(deposit, "6", "of a deposit that says it is a refund", (f) => f.set(3, 1)),
  fieldCase(deposit, "6", "of an unknown kind", (f) => f.set(3, 2)),
  fieldCase(paid, "8", "to an unknown class of receiver", (f) => f.set(3, 2)),
  fieldCase(paid, "8", "of an unknown type", (f) => f.set(8, 2)),
  fieldCase(paid, "8", "with a receiver of 31 bytes", (f) => f.set(2, new Uint8Array(31))),
  fieldCase(paid, "8", "with a challenge of nine bytes", (f) => f.set(6, new Uint8Array(9))),
  fieldCase("outcome void", "9", "of an unknown kind", (f) => f.set(1, 5)),
  fieldCase("outcome void", "9", "void with a sender", (f) => f.set(3, new Uint8Array(32))),
  fieldCase("evidence", "5", "with a ueid of another type", (f) =>
    f.set(256, (f.get(256) as Uint8Array).with(0, 2)),
  ),
  fieldCase("evidence", "5", "with an unknown debug status", (f) => f.set(263, 5)),
  fieldCase("ta-registration", "5", "with evidence that is none", (f) =>
    f.set(1, withdrawal.bytes),
  ),
  fieldCase("deposit-request", "6", "with a reservation that is none", (f) =>
    f.set(1, withdrawal.bytes),
  ),
  fieldCase("sync-request", "12", "with three totals", (f) => f.set(10, [1, 2, 3])),
  fieldCase("institution-status", "16.3", "of sequence 0", (f) => f.set(1, 0)),
  fieldCase("institution-status", "16.3", "with a key twice", (f) =>
    f.set(3, [
      [new Uint8Array(8), 1],
      [new Uint8Array(8), 2],
    ]),
  ),
  fieldCase("institution-status", "16.3", "with its keys in another order", (f) =>
    f.set(3, [
      [new Uint8Array(8).fill(2), 1],
      [new Uint8Array(8).fill(1), 1],
    ]),
  ),
  fieldCase("institution-status", "16.3", "with 65 keys", (f) =>
    f.set(
      3,
      Array.from({ length: 65 }, (_, i) => [new Uint8Array(8).fill(i), 1]),
    ),
  ),
  fieldCase("institution-status", "16.3", "with a key id of 7 bytes", (f) =>
    f.set(3, [[new Uint8Array(7), 1]]),
  ),
  fieldCase("settlement-query, certificates", "15", "that asks for none", (f) => f.set(6, [])),
  fieldCase("settlement-query, certificates", "15", "that asks for 25", (f) =>
    f.set(6, Array(25).fill((f.get(6) as readonly unknown[])[0])),
  ),
  fieldCase("provider-entry", "16.5", "of sequence 0", (f) => f.set(1, 0)),
  fieldCase("provider-entry", "16.5", "that ends when it begins", (f) => f.set(3, f.get(2))),
  fieldCase("provider-entry", "16.5", "that lasts longer than 30 days", (f) =>
    f.set(3, Number(f.get(2)) + 2_592_001),
  ),
  ...badAddresses.map(([what, address]) =>
    fieldCase("provider-entry", "16.5", `with an address ${what}`, (f) => f.set(4, address)),
  ),
  fieldCase("status-chunk", "18", "of epoch 0", (f) => f.set(1, 0)),
  fieldCase("status-chunk", "18", "whose range ends before it begins", (f) => f.set(4, 999)),
  fieldCase("status-chunk", "18", "that names an index behind its range", (f) => f.set(4, 2047)),
  fieldCase("status-chunk", "18", "with 181 indices", (f) => f.set(5, Array(181).fill(0))),
  fieldCase("status-chunk", "18", "with a gap of 33 bits", (f) => f.set(5, [2 ** 32])),
  fieldCase("sync-response", "12", "with nine epochs", (f) =>
    f.set(7, Array(9).fill(["bank-a", 1])),
  ),
  fieldCase("sync-response", "12", "with epoch 0", (f) => f.set(7, [["bank-a", 0]])),
  fieldCase("sync-response", "12", "with a revoked key of seven bytes", (f) =>
    f.set(8, [[new Uint8Array(7), 0]]),
  ),
  fieldCase("sync-response", "12", "with a number for the PIN", (f) => f.set(6, 1)),
];

/** A certificate whose issuer is not UTF-8, which only hand-made bytes can hold. */
function badUtf8(): Case<FormInput> {
  const each = exampleOf(ta);
  const { message, context, signer, kid, payloadBytes } = each;
  const bytes = hex(toHex(payloadBytes).replace(toHex(utf8("bank-a")), "62616e6b2dff"));
  const parts = signAny({ typ: message.typ, kid, payload: bytes }, context, signer);
  return caseOf(each, ["1.1", "malformed", "with an issuer that is not UTF-8", joined(parts)]);
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** §3.3: signed well, and for other parties than those who look. */
function contextCases(each: Example): readonly Case<FormInput>[] {
  const { context, bytes, message, signer } = each;
  const others: readonly (readonly [string, Partial<Context>])[] = [
    ["with another audience", { audience: context.audience === "" ? names.bankB : "" }],
    ["under another home", { home: context.home === names.bankB ? names.bankA : names.bankB }],
    ["of another signer's", { signer: people.mallory.taId }],
    ["in another currency", { currency: "USD" as Context["currency"] }],
  ];
  return others.map(([name, change]) =>
    refuses("3.3", "bad-signature", `${message.name} ${name}`, {
      as: message.name,
      bytes,
      context: { ...context, ...change },
      signer,
    }),
  );
}

/** The first example of every kind. */
const firsts = [...new Map(examples.toReversed().map((each) => [each.message.typ, each])).values()];

const optionalField = (each: Case<FormInput>): boolean =>
  each.name === "payment-request without field 4";

export const formCases: readonly Case<FormInput>[] = [
  ...encodingCases,
  ...wrapperCases,
  ...fieldCases,
  badUtf8(),
  ...firsts.flatMap(generalCases).filter((each) => !optionalField(each)),
  ...firsts.flatMap(contextCases),
];
