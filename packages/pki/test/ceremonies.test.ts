import { appendFile, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  chainVerify,
  currency,
  institutionId,
  institutionStatusVerify,
  keyId,
  keyIdOf,
  runChecks,
  seconds,
  TrustStore,
  unwrap,
  type Chain,
  type Seconds,
} from "@bezant/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import {
  authority,
  certify,
  compareRegisters,
  issueStatus,
  memoryRegister,
  requestCertification,
  revoke,
  selfSign,
  validityWithin,
  type Authority,
  type Certifiable,
} from "../src/index.ts";
import {
  asyncNodeSigner,
  fileRegister,
  generatePrivateKey,
  nodeVerifier,
  parseRegister,
} from "../src/node/index.ts";

const NOW = seconds(1_800_000_000);
const DAY = 86_400;
const EUR = currency("EUR");
const verifier = nodeVerifier();
const later = (days: number): Seconds => seconds(NOW + days * DAY);
const keyOf = ({ signer }: Authority) => keyIdOf(signer.publicKey);

let root: Authority;
let bank: Authority;
let silver: Authority;

type Terms = {
  readonly now?: Seconds;
  readonly days?: number;
  readonly rollover?: boolean;
  readonly signer?: Authority["signer"];
};

async function ask(issuer: Authority, role: Certifiable, id: string, terms: Terms = {}) {
  const { signer = asyncNodeSigner(generatePrivateKey()), now = NOW, days = 365 } = terms;
  const applicant = { role, sub: institutionId(id), currency: EUR };
  const request = await requestCertification(applicant, issuer.claims.sub, signer);
  const rollover = terms.rollover ?? false;
  const answer = await certify(issuer, request, verifier, { now, days, rollover });
  return { answer, signer };
}

async function certified(
  issuer: Authority,
  role: Certifiable,
  id: string,
  terms?: Terms,
): Promise<Authority> {
  const { answer, signer } = await ask(issuer, role, id, terms);
  return authority(unwrap(answer), signer, memoryRegister());
}

beforeEach(async () => {
  const signer = asyncNodeSigner(generatePrivateKey());
  const validity = unwrap(validityWithin(undefined, NOW, 20 * 365));
  const claims = { role: "root", id: institutionId("cb"), currency: EUR } as const;
  root = authority(await selfSign(claims, validity, signer), signer, memoryRegister());
  bank = await certified(root, "intermediary", "bank", { days: 3650 });
  silver = await certified(root, "intermediary", "silver", { days: 3650 });
});

describe("an institution's id", () => {
  it("is certified for a second key only as a rollover, in which both count", async () => {
    const first = await certified(bank, "provider", "aurum");
    const { answer } = await ask(bank, "provider", "aurum");
    expect(answer).toMatchObject({ error: { code: "id-taken" } });
    const second = await certified(bank, "provider", "aurum", { rollover: true, now: later(300) });
    expect(second.claims).toMatchObject({ sub: "aurum", serial: 2, nbf: later(300) });
    expect(first.claims.exp).toBeGreaterThan(second.claims.nbf);
    // Both keys may be renewed while they overlap.
    for (const { signer } of [first, second]) {
      const renewal = await ask(bank, "provider", "aurum", { signer, now: later(301) });
      expect(renewal.answer.ok).toBe(true);
    }
  });

  it("stays taken when its certificate has ended, and is never another role's", async () => {
    await certified(bank, "provider", "aurum", { days: 1 });
    const { answer } = await ask(bank, "provider", "aurum", { now: later(900) });
    expect(answer).toMatchObject({ error: { code: "id-taken" } });
    const other = await ask(root, "intermediary", "bank", { now: later(1) });
    expect(other.answer).toMatchObject({ error: { code: "id-taken" } });
  });
});

const trust = () =>
  new TrustStore({ root: { id: root.claims.sub, key: root.signer.publicKey }, currency: EUR });

describe("an intermediary that takes a new key (§16.4)", () => {
  let aurum: Authority;
  let renewed: Authority;
  let again: Authority;
  beforeEach(async () => {
    aurum = await certified(bank, "provider", "aurum");
    const terms = { rollover: true, now: later(100), days: 3650 };
    renewed = await certified(root, "intermediary", "bank", terms);
    // It certifies its providers once more, each for the key that it has.
    const { signer } = aurum;
    again = await certified(renewed, "provider", "aurum", { signer, now: later(100) });
  });

  const verify = (chain: Chain, now: Seconds, known = trust()) => {
    const pending = chainVerify({ chain, trust: known, now, asSigner: true });
    return pending.ok ? runChecks<unknown>(pending.value, verifier) : pending;
  };
  const chains = (): readonly [earlier: Chain, later: Chain] => [
    [aurum.certificate, bank.certificate],
    [again.certificate, renewed.certificate],
  ];

  it("leaves both chains of a provider good while they overlap, for its one key", () => {
    expect(keyOf(again)).toBe(keyOf(aurum));
    expect(keyOf(renewed)).not.toBe(keyOf(bank));
    for (const chain of chains()) expect(verify(chain, later(101)).ok).toBe(true);
    const [earlier, now] = chains();
    expect(verify([earlier[0], now[1]], later(101))).toMatchObject({
      error: { code: "unknown-issuer" },
    });
    // The earlier one ends when it was to end.
    expect(verify(earlier, later(366))).toMatchObject({ error: { code: "expired" } });
    expect(verify(now, later(366)).ok).toBe(true);
  });

  it("may have the old key taken back: what was certified before it counts to its end, and nothing after", async () => {
    const known = trust();
    unwrap(await revoke(root, { keyId: keyOf(bank) }, { since: later(100), at: later(101) }));
    const bytes = await issueStatus(root, later(101));
    const pending = unwrap(institutionStatusVerify(bytes, { trust: known, now: later(101) }));
    known.revoked.learn(unwrap(runChecks(pending, verifier)));
    for (const chain of chains()) expect(verify(chain, later(102), known).ok).toBe(true);
    const stolen = await certified(bank, "provider", "rogue", { now: later(102) });
    const chain = [stolen.certificate, bank.certificate] as const;
    expect(verify(chain, later(103), known)).toMatchObject({ error: { code: "issuer-revoked" } });
  });

  it("goes on numbering its status lists, whose newest counts under either key", async () => {
    const known = trust();
    const learn = async (issuer: Authority, now: Seconds) => {
      const bytes = await issueStatus(issuer, now);
      const pending = unwrap(institutionStatusVerify(bytes, { trust: known, now }));
      return known.revoked.learn(unwrap(runChecks(pending, verifier)));
    };
    expect(await learn(bank, later(1))).toBe(true);
    // The same register, as it is the same institution's.
    const { register } = bank;
    const heir = authority(renewed.certificate, renewed.signer, register);
    unwrap(await revoke(heir, { id: institutionId("aurum") }, { since: NOW, at: later(101) }));
    expect(await learn(heir, later(101))).toBe(true);
    for (const chain of chains()) {
      expect(verify(chain, later(102), known)).toMatchObject({ error: { code: "issuer-revoked" } });
    }
  });
});

describe("taking back", () => {
  const read = async (issuer: Authority, now = NOW) =>
    unwrap(
      runChecks(
        unwrap(institutionStatusVerify(await issueStatus(issuer, now), { trust: trust(), now })),
        verifier,
      ),
    );

  it("lists all keys of an institution, with the earliest time, in lists that are numbered", async () => {
    const first = await certified(bank, "provider", "aurum");
    const second = await certified(bank, "provider", "aurum", { rollover: true });
    await certified(bank, "provider", "argent");
    expect((await read(bank)).list).toMatchObject({ sequence: 1, revoked: [] });
    const id = institutionId("aurum");
    unwrap(await revoke(bank, { id }, { since: later(2), at: later(3) }));
    unwrap(await revoke(bank, { keyId: keyOf(first) }, { since: later(1), at: later(3) }));
    const { list, issuer, ofRoot } = await read(bank, later(3));
    expect({ issuer, ofRoot }).toEqual({ issuer: "bank", ofRoot: false });
    expect(list).toMatchObject({ sequence: 2, issuedAt: later(3) });
    const expected = [
      [keyOf(first), later(1)],
      [keyOf(second), later(2)],
    ];
    expect(list.revoked).toEqual(expected.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
  });

  it("certifies no revoked key again, but a new one as a rollover", async () => {
    const { signer } = await certified(bank, "provider", "aurum");
    unwrap(await revoke(bank, { id: institutionId("aurum") }, { since: NOW, at: NOW }));
    const again = await ask(bank, "provider", "aurum", { signer });
    expect(again.answer).toMatchObject({ error: { code: "key-revoked" } });
    const fresh = await ask(bank, "provider", "aurum", { rollover: true });
    expect(fresh.answer.ok).toBe(true);
  });

  it("is an intermediary's only for whom it certified, and the root's for anybody", async () => {
    const { signer } = await certified(bank, "provider", "aurum");
    const when = { since: NOW, at: NOW };
    const id = institutionId("aurum");
    expect(await revoke(silver, { id }, when)).toMatchObject({ error: { code: "not-certified" } });
    const key = { keyId: keyIdOf(signer.publicKey) };
    expect(await revoke(silver, key, when)).toMatchObject({ error: { code: "not-certified" } });
    expect(await revoke(root, key, when)).toEqual({ ok: true, value: [key.keyId] });
    expect((await read(root)).ofRoot).toBe(true);
  });

  it("forgets a key only long after the last of its certificates has ended", async () => {
    const { claims } = await certified(bank, "provider", "aurum", { days: 10 });
    unwrap(await revoke(bank, { id: institutionId("aurum") }, { since: NOW, at: NOW }));
    const end = claims.exp + 30 * DAY;
    expect((await read(bank, seconds(end))).list.revoked).toHaveLength(1);
    expect((await read(bank, seconds(end + 1))).list.revoked).toHaveLength(0);
  });

  it("survives a restart, and numbers no two lists alike", async () => {
    const folder = await mkdtemp(join(tmpdir(), "bezant-revoke-"));
    const register = fileRegister(folder);
    const entry = { keyId: keyId("00112233445566aa"), since: NOW, at: later(1) };
    await register.revoke(entry);
    expect(await register.nextList(NOW)).toBe(1);
    // A crash in the middle of a line that nobody was told about.
    await appendFile(join(folder, "revoked.jsonl"), '{"at":18');
    expect(await fileRegister(folder).nextList(NOW)).toBe(2);
    expect(await fileRegister(folder).revocations()).toEqual([entry]);
    await writeFile(join(folder, "revoked.jsonl"), "{}\n");
    await expect(register.revocations()).rejects.toThrow("damaged");
  });
});

describe("comparing registers", () => {
  const issuedBy = async ({ register }: Authority) =>
    (await register.entries()).map(({ certificate }) => certificate);
  const compare = async (seen: readonly Uint8Array[] = []) =>
    compareRegisters(
      {
        root: await issuedBy(root),
        registers: [...(await issuedBy(bank)), ...(await issuedBy(silver))],
        seen,
      },
      verifier,
    );

  it("finds nothing where every rule was kept", async () => {
    const { certificate } = await certified(bank, "provider", "aurum");
    await certified(silver, "provider", "argent");
    expect(await compare([certificate])).toEqual([]);
  });

  it("finds an id that two intermediaries have certified", async () => {
    await certified(bank, "provider", "aurum");
    await certified(silver, "provider", "aurum");
    expect(await compare()).toEqual([
      { kind: "id-certified-twice", id: "aurum", issuers: ["bank", "silver"] },
    ]);
  });

  it("finds a provider with an intermediary's id", async () => {
    await certified(bank, "provider", "silver");
    expect(await compare()).toMatchObject([{ kind: "id-certified-twice", id: "silver" }]);
  });

  it("names an id with two keys", async () => {
    const first = await certified(bank, "provider", "aurum");
    const second = await certified(bank, "provider", "aurum", { rollover: true });
    expect(await compare()).toEqual([
      { kind: "second-key", id: "aurum", keys: [keyOf(first), keyOf(second)] },
    ]);
  });

  it("finds a certificate that is in use and in no register", async () => {
    const hidden = { ...bank, register: memoryRegister() };
    const { certificate } = await certified(hidden, "provider", "ghost");
    expect(await compare([certificate])).toMatchObject([{ kind: "not-registered", id: "ghost" }]);
  });

  it("finds a certificate that none of the intermediaries issued", async () => {
    const stranger = { ...bank, signer: asyncNodeSigner(generatePrivateKey()) };
    const { answer } = await ask(stranger, "provider", "forged");
    const noise = Uint8Array.of(1, 2, 3);
    const findings = await compare([unwrap(answer), noise]);
    expect(findings.map(({ kind }) => kind)).toEqual(["not-issued", "not-issued"]);
  });

  it("reads a register from a file, and refuses what is none", async () => {
    const { certificate, claims } = await certified(bank, "provider", "aurum");
    const line = `{"at":1,"certificate":"${Buffer.from(certificate).toString("hex")}"}\n`;
    expect(unwrap(parseRegister(line))).toEqual([{ at: 1, certificate, claims }]);
    for (const text of ["", "{}", "hello\n", `${line}x`, '{"at":1,"certificate":"00"}']) {
      expect(parseRegister(text)).toEqual({ ok: false, error: "register-malformed" });
    }
  });
});
