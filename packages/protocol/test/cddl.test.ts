import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  attestationQuery,
  claimAnswer,
  decode,
  registrationAnswer,
  taRegistrationAnswer,
  taRelease,
  updateAnswer,
  updatePackage,
  digestPage,
} from "../src/index.ts";
import { examples, kinds } from "../scripts/vectors/examples.ts";
import { readGrammar } from "./support/cddl.ts";
import { fromBytes, interpret, toBytes, type Value } from "./support/cddl-values.ts";

const docs = join(import.meta.dirname, "../../../docs");
const cddl = readFileSync(join(docs, "protocol.cddl"), "utf8");
const grammar = readGrammar(cddl);
const { matches, values } = interpret(grammar);

describe("docs/protocol.cddl", () => {
  test("holds exactly the rules of docs/protocol.md", () => {
    const page = readFileSync(join(docs, "protocol.md"), "utf8");
    const fences = [...page.matchAll(/```cddl\n(.*?)```/gs)].map(([, rules]) => rules);
    const inline = [...page.matchAll(/`([a-z-]+ = (?:signed<|\[)[^`]*)`/g)].map(([, rule]) => rule);
    expect(readGrammar([...fences, ...inline].join("\n"))).toEqual(grammar);
  });

  test("has a rule for every kind of message, and a kind for every rule that signs", () => {
    const signing = [...grammar].filter(
      ([, { type }]) => type.kind === "name" && type.name === "signed",
    );
    const names = kinds
      .map(([, { name }]) => name)
      .filter((name) => name !== "certificate" && name !== "appointment");
    expect(signing.map(([name]) => name).toSorted()).toEqual(names.toSorted());
  });

  test("accepts every example", () => {
    for (const { message, bytes, name } of examples) {
      expect([name, matches(message.name, fromBytes(bytes) as Value)]).toEqual([name, true]);
    }
  });
});

// What the prose adds to the grammar.
function prose(name: string, value: Value): boolean {
  const [header, , payload] = value as readonly [Uint8Array, Value, Uint8Array];
  const kid = (fromBytes(header) as ReadonlyMap<Value, Value>).has(4n);
  const fields = fromBytes(payload) as ReadonlyMap<bigint, Value>;
  switch (name) {
    case "certificate":
      return kid && claimsFit(fields);
    case "attestation-result":
      return kid && isUeid(fields) && verdictFits(fields.get(-65_539n));
    case "device-report":
      return !kid && isUeid(fields);
    case "deposit-confirmation":
      return kid && fields.has(4n) === (fields.get(3n) === 1n);
    case "outcome":
      return kid === [2n, 3n].includes(fields.get(1n) as bigint);
    case "institution-status":
    case "status-chunk":
      return kid && listFits(name, fields);
    case "evidence":
      return !kid && isUeid(fields);
    case "ta-registration":
    case "deposit-request":
      return !kid && inner(INNER[name], fields.get(1n) as Uint8Array);
    default:
      return kid === INSTITUTIONS.has(name) && isWhole(name, fields);
  }
}

/** What only institutions sign, and of which the prose says no more. */
const INSTITUTIONS: ReadonlySet<string> = new Set([
  "certification-request",
  "withdrawal-acknowledgement",
  "limits-profile",
  "sync-response",
  "reserve-order",
  "allowance",
  "settlement-report",
  "settlement-statement",
  "net-position",
  "allowance-request",
  "interbank-payment",
  "interbank-answer",
  "payment-advice",
  "payment-return",
  "settlement-query",
  "reported",
  "outcome-query",
  "provider-entry",
  "settled-payment",
  "appointment",
  "ta-manifest",
  "ta-endorsement",
]);

/** `reported` names report, window and time, or none of them; an entry of the directory has bounds. */
function isWhole(name: string, fields: ReadonlyMap<bigint, Value>): boolean {
  if (name === "provider-entry") return entryFits(fields);
  const has = [4n, 5n, 6n].map((key) => fields.has(key));
  return name !== "reported" || has.every((one) => one === has[0]);
}

function isUeid(fields: ReadonlyMap<bigint, Value>): boolean {
  return (fields.get(256n) as Uint8Array)[0] === 1;
}

function verdictFits(verdict: Value | undefined): boolean {
  const parts = verdict as ReadonlyMap<bigint, Value>;
  return (parts.get(1n) === 2n) !== parts.has(2n);
}

/** What is signed inside what a wallet signs. */
const INNER = { "ta-registration": "evidence", "deposit-request": "deposit-reservation" };

function inner(name: string, bytes: Uint8Array): boolean {
  return prose(name, fromBytes(bytes) as Value);
}

function listFits(name: string, fields: ReadonlyMap<bigint, Value>): boolean {
  return name === "status-chunk"
    ? rangeFits(fields)
    : keysRise(fields.get(3n) as readonly (readonly [Uint8Array, bigint])[]);
}

function keysRise(revoked: readonly (readonly [Uint8Array, bigint])[]): boolean {
  const keys = revoked.map(([key]) => Buffer.from(key).toString("hex"));
  return keys.every((key, i) => i === 0 || (keys[i - 1] as string) < key);
}

function rangeFits(fields: ReadonlyMap<bigint, Value>): boolean {
  const [first, last] = [fields.get(3n) as bigint, fields.get(4n) as bigint];
  const gaps = fields.get(5n) as readonly bigint[];
  const end = gaps.reduce((next, gap) => next + gap + 1n, first);
  return first <= last && end <= last + 1n;
}

function entryFits(fields: ReadonlyMap<bigint, Value>): boolean {
  const [at, end] = [fields.get(2n) as bigint, fields.get(3n) as bigint];
  const [, , port = "443"] = (fields.get(4n) as string).split(":");
  return at < end && end - at <= 2_592_000n && Number(port) <= 65_535;
}

function claimsFit(claims: ReadonlyMap<bigint, Value>): boolean {
  const own = claims.get(-65_537n) as ReadonlyMap<bigint, Value>;
  const role = Number(own.get(1n));
  return (
    claims.has(2n) === [0, 1, 2, 5, 8].includes(role) &&
    (role !== 5 || claims.get(1n) === claims.get(2n)) &&
    own.has(2n) === role < 8 &&
    own.has(4n) === (role === 4) &&
    own.has(5n) === (role === 4 || role === 9)
  );
}

describe.each(kinds.map(([, message]) => [message.name, message] as const))(
  "the grammar of %s and its schema",
  (name, message) => {
    test("agree on what the grammar makes", () => {
      fc.assert(
        fc.property(values(name), (value) => {
          const bytes = toBytes(value);
          const parsed = message.parse(bytes);
          expect(parsed.ok).toBe(prose(name, value));
          if (parsed.ok) expect(matches(name, value)).toBe(true);
        }),
        { numRuns: 200 },
      );
    });

    test("agree on what is made of it by changing its payload", () => {
      fc.assert(
        fc.property(values(name).chain(changed), (value) => {
          const parsed = message.parse(toBytes(value));
          expect(parsed.ok).toBe(matches(name, value) && prose(name, value));
        }),
        { numRuns: 300 },
      );
    });
  },
);

/** The message with one entry of its payload, at any depth, removed, added or replaced. */
function changed(value: Value): fc.Arbitrary<Value> {
  const [header, envelope, payload, signature] = value as readonly [
    Value,
    Value,
    Uint8Array,
    Value,
  ];
  return change(fromBytes(payload) as Value).map((other) => [
    header,
    envelope,
    toBytes(other),
    signature,
  ]);
}

const scalars: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom<Value>(
    0n,
    1n,
    2n,
    5n,
    0xffffn,
    0x1_0000n,
    2n ** 32n - 1n,
    2n ** 32n,
    -1n,
    true,
    "",
  ),
  fc.constantFrom<Value>("EUR", "eur", "bank-a", "too-long-a-name", [], new Map()),
  fc.constantFrom(0, 8, 16, 31, 32, 33, 64).map((length) => new Uint8Array(length).fill(1)),
);

function change(value: Value): fc.Arbitrary<Value> {
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<Value, Value>)];
    const keys = entries.map(([key]) => key);
    return fc.oneof(
      scalars.map((added) => new Map([...entries, [nextKey(keys), added]])),
      ...keys.map((key) => fc.constant(new Map(entries.filter(([other]) => other !== key)))),
      ...entries.map(([key, old]) =>
        fc.oneof(scalars, change(old)).map((put) => new Map([...entries, [key, put]])),
      ),
    );
  }
  if (Array.isArray(value)) {
    const items = value as readonly Value[];
    return fc.oneof(
      fc.constant(items.slice(1)),
      scalars.map((added) => [...items, added]),
    );
  }
  return scalars;
}

function nextKey(keys: readonly Value[]): bigint {
  const numbers = keys.filter((key) => typeof key === "bigint");
  return numbers.reduce((a, b) => (a > b ? a : b), 0n) + 1n;
}

describe("the containers", () => {
  const cases = [
    ["registration-answer", (bytes: Uint8Array) => decode(registrationAnswer, bytes)],
    ["ta-registration-answer", (bytes: Uint8Array) => decode(taRegistrationAnswer, bytes)],
    ["attestation-query", (bytes: Uint8Array) => decode(attestationQuery, bytes)],
    ["ta-release", (bytes: Uint8Array) => decode(taRelease, bytes)],
    ["update-package", (bytes: Uint8Array) => decode(updatePackage, bytes)],
    ["update-answer", (bytes: Uint8Array) => decode(updateAnswer, bytes)],
    ["digest-page", (bytes: Uint8Array) => decode(digestPage, bytes)],
    ["claim-answer", (bytes: Uint8Array) => decode(claimAnswer, bytes)],
  ] as const;
  test.each(cases)("%s reads what the grammar makes", (rule, read) => {
    fc.assert(
      fc.property(values(rule), (value) => {
        expect(read(toBytes(value))).toMatchObject({ ok: true });
      }),
      { numRuns: 100 },
    );
  });
});
