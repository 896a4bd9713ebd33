// Reads vectors/ as any other implementation would: nothing here comes from what generated them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decode as cborDecode, encode as cborEncode, rfc8949EncodeOptions } from "cborg";
import { p256 } from "@noble/curves/nist.js";
import { describe, expect, test } from "vitest";
import { vectorFiles } from "../scripts/vectors/files.ts";
import * as protocol from "../src/index.ts";
import {
  allowance,
  amount,
  attach,
  attestationResultVerify,
  centralBankVerify,
  certVerify,
  chainVerify,
  checkAddressee,
  checkRequest,
  counter,
  currency,
  decode,
  decompress,
  depositConfirmation,
  deviceReportVerify,
  deviceVerify,
  evidence,
  fromHex,
  holderVerify,
  homeVerify,
  institutionId,
  institutionStatusVerify,
  isCompressedKey,
  isCurrent,
  isRefusalCode,
  oemVerify,
  outcomeVerify,
  payVerify,
  providerEntryVerify,
  providerVerify,
  registrationVerify,
  releaseVerify,
  requestVerify,
  runChecks,
  seconds,
  settlementReport,
  standingOf,
  statusVerify,
  taId,
  thumbprint,
  toHex,
  TrustStore,
  unwrap,
  verifySignature,
  walletIdOf,
  withdrawal,
  type Chain,
  type CompressedKey,
  type Context,
  type Message,
  type OemRoot,
  type Payee,
  type Payment,
  type Pending,
  type PublicKey,
  type Refusal,
  type Result,
  type Root,
  type SecurityLevel,
} from "../src/index.ts";
import { verifier } from "./support/verifier.ts";

type Given = Readonly<Record<string, unknown>>;
type Vector = {
  readonly name: string;
  readonly section: string;
  readonly given: Given;
  readonly expected: {
    readonly accepted?: Readonly<Record<string, string>>;
    readonly refused?: string;
  };
};

const folder = join(import.meta.dirname, "../../../vectors");
const text = (name: string): string => readFileSync(join(folder, name), "utf8");
const read = <T>(name: string): readonly T[] => JSON.parse(text(name)) as T[];

const messages = new Map(
  (Object.values(protocol) as unknown[]).filter(isMessage).map((each) => [each.name, each]),
);

function isMessage(value: unknown): value is Message<unknown> {
  return typeof value === "object" && value !== null && "typ" in value && "parse" in value;
}

const bytes = (value: unknown): Uint8Array => fromHex(value as string);
const chain = (value: unknown): Chain => (value as string[]).map(fromHex) as unknown as Chain;
const key = (value: unknown): PublicKey => unwrap(decompress(value as CompressedKey));
const pinned = (value: unknown): Root => {
  const { id, key: point } = value as { readonly id?: string; readonly key: string };
  return id === undefined ? { key: key(point) } : { id: institutionId(id), key: key(point) };
};

const namedRoots = (value: unknown): readonly OemRoot[] =>
  (value as unknown[]).map(pinned) as readonly OemRoot[];

function trustOf({ root, currency: money, now, known, lists }: Given): TrustStore {
  const trust = new TrustStore({ root: pinned(root), currency: currency(money as string) });
  for (const each of (known ?? []) as unknown[]) {
    // What is known was verified when it was valid.
    const at = Math.min(now as number, 1_800_000_000);
    const pending = unwrap(chainVerify({ chain: chain(each), trust, now: seconds(at) }));
    unwrap(runChecks(pending, verifier));
  }
  for (const each of (lists ?? []) as unknown[]) {
    const at = seconds(now as number);
    const pending = unwrap(institutionStatusVerify(bytes(each), { trust, now: at }));
    trust.revoked.learn(unwrap(runChecks(pending, verifier)));
  }
  return trust;
}

/** Runs the checks; says what the verification knows then, or why it refused. */
function answer<T>(
  found: Result<Pending<T>, Refusal>,
  accepted: (value: T) => Readonly<Record<string, unknown>>,
): Vector["expected"] {
  if (!found.ok) return { refused: found.error.code };
  const done = runChecks(found.value, verifier);
  if (!done.ok) return { refused: done.error.code };
  const known = Object.entries(accepted(done.value)).map(([name, fact]) => [name, String(fact)]);
  return { accepted: Object.fromEntries(known) as Readonly<Record<string, string>> };
}

function asked({ r, challenge, amount: x }: Given): Pick<Payment, "r" | "challenge" | "amount"> {
  return {
    r: counter(Number(r)),
    challenge: bytes(challenge),
    amount: amount(BigInt(x as string)),
  };
}

const answers: Readonly<Record<string, (given: Given) => Vector["expected"]>> = {
  "refused-messages.json": ({ as, bytes: message, key: signer, context }) => {
    const kind = messages.get(as as string)!;
    const parsed = kind.parse(bytes(message));
    if (!parsed.ok) return { refused: parsed.error.code };
    const check = kind.signatureCheck(parsed.value, context as Context, signer as CompressedKey);
    return verifySignature(check, verifier) ? { accepted: {} } : { refused: "bad-signature" };
  },
  "certificates.json": (given) =>
    answer(
      certVerify({
        ...(given as { readonly grace?: number; readonly ignoreNotBefore?: boolean }),
        certificate: bytes(given["certificate"]),
        chain: given["chain"] === undefined ? undefined : chain(given["chain"]),
        trust: trustOf(given),
        roles: given["roles"] as ("wallet" | "ta")[],
        now: seconds(given["now"] as number),
      }),
      ({ id, role, claims }) => ({ id, role, home: claims.iss }),
    ),
  "device-certificates.json": ({ roots, certificate, now }) =>
    answer(
      deviceVerify({
        roots: (roots as unknown[]).map(pinned),
        certificate: bytes(certificate),
        now: seconds(now as number),
      }),
      ({ id }) => ({ id }),
    ),
  "payments.json": (given) =>
    answer(
      payVerify(bytes(given["bytes"]), {
        trust: trustOf(given),
        now: seconds(given["now"] as number),
        grace: given["grace"] as number | undefined,
      }),
      ({ sender, home }) => ({ sender, home }),
    ),
  "payees.json": ({ payment, payee, request }) => {
    const { receiver, class: receiverClass, ...paid } = payment as Readonly<Record<string, string>>;
    const payload = { receiver, receiverClass, ...asked(paid) } as Payment;
    const refused =
      checkAddressee(payload, payee as Payee) ??
      checkRequest(payload, request === undefined ? undefined : asked(request as Given));
    return refused === undefined ? { accepted: {} } : { refused: refused.code };
  },
  "payment-requests.json": (given) =>
    answer(
      requestVerify(bytes(given["bytes"]), {
        trust: trustOf(given),
        now: seconds(given["now"] as number),
      }),
      ({ payee }) => ({ payee: payee.id, class: payee.role }),
    ),
  "outcomes.json": (given) => {
    const payment = given["payment"] as Readonly<Record<string, string>>;
    const home = institutionId(given["home"] as string);
    return answer(
      outcomeVerify(bytes(given["bytes"]), {
        trust: trustOf(given),
        now: seconds(given["now"] as number),
        home,
        subject: {
          sender: taId(given["sender"] as string),
          payment: {
            receiver: taId(payment["receiver"] as string),
            receiverClass: payment["class"] as "ta" | "wallet",
            j: counter(Number(payment["j"])),
            r: counter(Number(payment["r"])),
            amount: amount(BigInt(payment["amount"] as string)),
          },
        },
      }),
      ({ verdict }) => ({ verdict }),
    );
  },
  "evidence.json": (given) => {
    const policy = given["policy"] as Given;
    const releases = (list: unknown) =>
      (list as { readonly measurement: string; readonly version: number }[]).map(
        ({ measurement, version }) => ({ measurement: fromHex(measurement), version }),
      );
    return answer(
      oemVerify(bytes(given["bytes"]), {
        relyingParty: institutionId(given["relyingParty"] as string),
        nonce: bytes(given["nonce"]),
        now: seconds(given["now"] as number),
        policy: {
          oemRoots: (policy["oemRoots"] as unknown[]).map(pinned),
          trustedApps: releases(policy["trustedApps"]),
          trustedOses: releases(policy["trustedOses"]),
          minimumLevel: policy["minimumLevel"] as SecurityLevel,
          anchor: key(policy["anchor"]),
          minimumTaVersion: policy["minimumTaVersion"] as number | undefined,
          minimumTosVersion: policy["minimumTosVersion"] as number | undefined,
        },
      }),
      ({ ta, device }) => ({ ta, device: device.id }),
    );
  },
  "institution-statuses.json": (given) => {
    const now = seconds(given["now"] as number);
    return answer(
      institutionStatusVerify(bytes(given["bytes"]), { trust: trustOf(given), now }),
      ({ issuer, list }) => ({ issuer, sequence: list.sequence, keys: list.revoked.length }),
    );
  },
  "status-chunks.json": (given) => {
    const now = seconds(given["now"] as number);
    const minimumEpoch = given["minimumEpoch"] as number | undefined;
    const issuer = institutionId(given["issuer"] as string);
    return answer(
      statusVerify(bytes(given["bytes"]), { trust: trustOf(given), now, issuer }),
      ({ chunk }) => ({
        epoch: chunk.epoch,
        standing: standingOf(given["index"] as number | undefined, chunk, (each) =>
          isCurrent(each, { minimumEpoch, now }),
        ),
      }),
    );
  },
  "releases.json": ({ roots, manifest, endorsement }) =>
    answer(
      releaseVerify([bytes(manifest), bytes(endorsement)], { roots: namedRoots(roots) }),
      ({ manifest: { version }, developer, manufacturer }) => ({
        version,
        developer,
        manufacturer,
      }),
    ),
  "attestation-results.json": ({ roots, relyingParty, evidence: about, now, bytes: said }) =>
    answer(
      attestationResultVerify(bytes(said), {
        roots: namedRoots(roots),
        relyingParty: institutionId(relyingParty as string),
        evidence: unwrap(decode(evidence.payload, bytes(about))),
        now: seconds(now as number),
      }),
      ({ result }) => ({ status: result.verdict.status }),
    ),
  "device-reports.json": ({ roots, manufacturer, nonce, now, bytes: said }) =>
    answer(
      deviceReportVerify(bytes(said), {
        roots: namedRoots(roots),
        manufacturer: institutionId(manufacturer as string),
        nonce: bytes(nonce),
        now: seconds(now as number),
      }),
      ({ device, report }) => ({ device: device.id, version: report.version }),
    ),
  "central-bank-statements.json": (given) =>
    answer(
      centralBankVerify(allowance, bytes(given["bytes"]), {
        trust: trustOf(given),
        now: seconds(given["now"] as number),
        audience: institutionId(given["audience"] as string),
      }),
      ({ payload }) => payload,
    ),
  "settlement-reports.json": (given) =>
    answer(
      providerVerify(settlementReport, bytes(given["bytes"]), {
        trust: trustOf(given),
        now: seconds(given["now"] as number),
        audience: institutionId(given["centralBank"] as string),
      }),
      ({ provider, payload: { n } }) => ({ provider, n }),
    ),
  "provider-entries.json": (given) =>
    answer(
      providerEntryVerify(bytes(given["bytes"]), {
        trust: trustOf(given),
        now: seconds(given["now"] as number),
      }),
      ({ provider, payload: { sequence, address } }) => ({ provider, sequence, address }),
    ),
  "withdrawals.json": (given) =>
    answer(
      holderVerify(withdrawal, bytes(given["bytes"]), {
        currency: currency(given["currency"] as string),
        home: institutionId(given["home"] as string),
        id: taId(given["id"] as string),
        key: given["key"] as CompressedKey,
      }),
      ({ payload }) => payload,
    ),
  "registrations.json": (given) =>
    answer(
      registrationVerify(bytes(given["bytes"]), {
        currency: currency(given["currency"] as string),
        provider: institutionId(given["provider"] as string),
      }),
      ({ wallet }) => ({ wallet }),
    ),
  "deposit-confirmations.json": (given) =>
    answer(
      homeVerify(depositConfirmation, bytes(given["bytes"]), {
        trust: trustOf(given),
        now: seconds(given["now"] as number),
        home: institutionId(given["home"] as string),
        ta: taId(given["ta"] as string),
      }),
      ({ payload: { amount: x, d } }) => ({ amount: x, d }),
    ),
};

describe("vectors/", () => {
  const files = vectorFiles();

  test.each(Object.keys(files))("%s is what the generator makes (npm run generate)", (name) => {
    expect(text(name)).toBe(files[name]);
  });

  test("has a reader for every file", () => {
    const readHere = [...Object.keys(answers), "keys.json", "messages.json"];
    expect(readHere.toSorted()).toEqual(Object.keys(files).toSorted());
  });

  test.each(["keys.json", "messages.json"])("README.md describes the fields of %s", (name) => {
    const [, table = ""] =
      new RegExp(`of \`${name}\`:\\n\\n(.*?)\\n\\n`, "s").exec(text("README.md")) ?? [];
    const cells = [...table.matchAll(/^\| (`.*?) \|/gm)].map(([, cell = ""]) => cell);
    const described = cells.flatMap((cell) => cell.replaceAll("`", "").split(", "));
    const fields = new Set(read<object>(name).flatMap((each) => Object.keys(each)));
    expect(described.toSorted()).toEqual([...fields].toSorted());
  });
});

// What only a party with a memory, or a TA, can refuse (§6, §7, §10 to §13) is not a matter of bytes.
const ofMemory = new Set([
  "key-bound",
  "device-bound",
  "request-collected",
  "request-void",
  "holder-revoked",
  "claim-in-review",
  "refund-in-review",
  "unknown-review",
  "payee-revoked",
  "payee-unchecked",
  "payer-revoked",
  "payer-unchecked",
]);

test("every refusal in the sections about bytes and signatures has a vector", () => {
  const page = readFileSync(join(folder, "../docs/protocol.md"), "utf8");
  const sections = page.split(/^## /m).filter((section) => /^(?:[1-5]|8|9|18)\. /.test(section));
  const named = sections.flatMap((section) =>
    [...section.matchAll(/`([a-z]+(?:-[a-z]+)*)`/g)].map(([, code]) => code as string),
  );
  const codes = [...new Set(named.filter((code) => isRefusalCode(code) && !ofMemory.has(code)))];
  const refused = Object.keys(answers).flatMap((file) =>
    read<Vector>(file).map(({ expected }) => expected.refused),
  );
  expect(codes.length).toBeGreaterThan(20);
  expect(codes.filter((code) => !refused.includes(code))).toEqual([]);
});

describe.each(Object.entries(answers))("%s", (file, reply) => {
  test.each(read<Vector>(file).map((vector) => [vector.name, vector] as const))(
    "%s",
    (_name, { given, expected }) => {
      expect(reply(given)).toEqual(expected);
    },
  );

  test("names each case once", () => {
    const names = read<Vector>(file).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});

type Key = Readonly<
  Record<"name" | "secret" | "x" | "y" | "key" | "thumbprint" | "keyId", string>
> & {
  readonly walletIds: Readonly<Record<string, string>>;
};
const keys = new Map(read<Key>("keys.json").map((each) => [each.name, each]));

describe("keys.json", () => {
  test.each([...keys])("%s", (_name, each) => {
    const point = p256.getPublicKey(fromHex(each.secret), false);
    expect(toHex(point)).toBe(`04${each.x}${each.y}`);
    expect(isCompressedKey(each.key)).toBe(true);
    const found = key(each.key);
    expect([toHex(found.x), toHex(found.y)]).toEqual([each.x, each.y]);
    expect(toHex(thumbprint(found))).toBe(each.thumbprint);
    expect(each.thumbprint.startsWith(each.keyId)).toBe(true);
    for (const [provider, id] of Object.entries(each.walletIds)) {
      expect(walletIdOf(institutionId(provider), found)).toBe(id);
    }
  });
});

type Example = {
  readonly name: string;
  readonly message: string;
  readonly typ: number;
  readonly signer: string;
  readonly kid?: string;
  readonly context: Context;
  readonly payload: unknown;
  readonly payloadBytes: string;
  readonly toBeSigned: string;
  readonly certificate?: string;
  readonly chain?: readonly string[];
  readonly bytes: string;
};

describe("messages.json", () => {
  test.each(read<Example>("messages.json").map((each) => [each.name, each] as const))(
    "%s",
    (_name, each) => {
      const kind = messages.get(each.message)!;
      const { secret, key: signer } = keys.get(each.signer)!;
      const parsed = unwrap(kind.parse(fromHex(each.bytes)));
      expect(kind.typ).toBe(each.typ);
      expect(parsed.kid).toBe(each.kid);
      expect(toHex(parsed.payloadBytes)).toBe(each.payloadBytes);
      expect(shown(cborDecode(parsed.payloadBytes, { useMaps: true }))).toEqual(each.payload);

      // The bytes to sign, by another CBOR implementation, from the document alone.
      const { currency: money, home, signer: who, audience } = each.context;
      const header = new Map<number, unknown>([[1, -9]]);
      if (each.kid !== undefined) header.set(4, fromHex(each.kid));
      header.set(16, each.typ);
      const aad = ["bezant", 1, each.typ, money, home, party(who), party(audience)];
      const structure = ["Signature1", cbor(header), cbor(aad), fromHex(each.payloadBytes)];
      expect(toHex(cbor(structure))).toBe(each.toBeSigned);

      // Signed deterministically (RFC 6979), so that a signer can compare, too.
      const message = fromHex(each.toBeSigned);
      const signature = p256.sign(message, fromHex(secret), { prehash: true, lowS: true });
      expect(toHex(parsed.signature)).toBe(toHex(signature));
      const check = kind.signatureCheck(parsed, each.context, signer as CompressedKey);
      expect(toHex(check.message)).toBe(each.toBeSigned);
      expect(verifySignature(check, verifier)).toBe(true);

      const made = kind.assemble(parsed.payload, parsed.signature, { kid: parsed.kid });
      const attached = attach(made, {
        certificate: each.certificate === undefined ? undefined : fromHex(each.certificate),
        chain: each.chain === undefined ? undefined : chain(each.chain),
      });
      expect(toHex(unwrap(attached))).toBe(each.bytes);
    },
  );
});

function cbor(value: unknown): Uint8Array {
  return cborEncode(value, rfc8949EncodeOptions);
}

function party(id: string): Uint8Array {
  return id.length === 64 ? fromHex(id) : new TextEncoder().encode(id);
}

function shown(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([name, field]) => [String(name), shown(field)]));
  }
  if (Array.isArray(value)) return value.map(shown);
  return typeof value === "boolean" ? value : String(value);
}
