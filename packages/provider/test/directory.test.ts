import {
  amount,
  betweenInstitutions,
  concatBytes,
  counter,
  err,
  institutionId,
  institutionStatus,
  institutionToAnybody,
  keyIdOf,
  MAX_COUNTER,
  ok,
  outcome,
  providerEntry,
  providerToAnybody,
  refusal,
  seconds,
  unwrap,
  walletIdOf,
  type ProviderEntry,
  type Refusal,
  type Result,
  type SyncSigner,
} from "@bezant/protocol";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { httpCentralBank } from "../src/settlement/central-bank.ts";
import { useDatabase } from "./support/database.ts";
import { TestCentralBank } from "./support/world/central-bank.ts";
import {
  certifyProvider,
  EUR,
  foundInstitutions,
  makeWorld,
  newKey,
  START,
  TestClock,
  type TestTa,
  type TestWallet,
  type World,
} from "./support/world/index.ts";

const database = useDatabase();
const institutions = foundInstitutions();
const BANK = institutionId("bank");
const DAY = 86_400;
const OWN = "https://here.example:8082";

/** What the directory answers, page by page; what was brought to it. */
let pages: (after: string) => Result<Uint8Array, Refusal> = () => ok(new Uint8Array());
let entered: ProviderEntry[] = [];
let takes: Result<Uint8Array, Refusal> = ok(new Uint8Array());
let lists = new Uint8Array();
/** Which addresses were asked how a payment ended, and as which provider's. */
let asked: [string, string][] = [];

let world: World;
let payer: TestWallet;
let ta: TestTa;
beforeAll(async () => {
  const directory = {
    read: (after: string) => Promise.resolve(pages(after)),
    enter: (entry: Uint8Array) => {
      entered.push(unwrap(providerEntry.parse(entry)).payload);
      return Promise.resolve(takes);
    },
  };
  const clock = new TestClock();
  const bank = new TestCentralBank(institutions, clock);
  bank.open(institutionId("here"));
  bank.issue(institutionId("here"), 1_000_000_000n);
  world = await makeWorld(database(), {
    id: "here",
    institutions,
    clock,
    address: OWN,
    centralBank: {
      ...bank.link(),
      exchangeLists: () => Promise.resolve(ok(lists)),
      directory,
    },
    otherProviders: [
      { id: institutionId("known"), askOutcome: () => Promise.resolve(reply("configured")) },
    ],
    providerAt: (id, address) => ({
      id,
      askOutcome: () => {
        asked.push([id, address]);
        return Promise.resolve(ok(said));
      },
    }),
  });
  unwrap(await world.provider.settle());
  [payer, ta] = await world.walletWithTa(1000n, 1000n);
});
beforeEach(() => {
  entered = [];
  asked = [];
  takes = ok(new Uint8Array());
});

function reply(why: string): Result<Uint8Array, Refusal> {
  return err(refusal("outcome-unreachable", why));
}

const said = outcome.sign(
  { kind: "void", r: counter(1), amount: amount(1n) },
  providerToAnybody({ currency: EUR, provider: institutionId("any") }),
  newKey(),
);

type Signed = {
  readonly key?: SyncSigner;
  readonly chain?: ReturnType<typeof certifyProvider>;
  readonly audience?: string;
};

function entryOf(
  id: string,
  changes: Partial<ProviderEntry> = {},
  {
    key = newKey(),
    chain = certifyProvider(institutions, id, key),
    audience = "bank",
  }: Signed = {},
): Uint8Array {
  const at = world.clock.now();
  const address = `https://${id}.example`;
  const entry = { sequence: 1, at, end: seconds(at + 30 * DAY), address, ...changes };
  const context = betweenInstitutions({
    currency: EUR,
    signer: institutionId(id),
    audience: institutionId(audience),
  });
  return providerEntry.sign(entry, context, key, { chain });
}

const holds = (...entries: Uint8Array[]): void => {
  pages = (after) => ok(after === "" ? concatBytes(...entries) : new Uint8Array());
};

/** Settles; what of the directory could not be done. */
async function settle(): Promise<unknown> {
  const { failed } = unwrap(await world.provider.settle());
  return failed.find(({ step }) => step === "directory")?.refusal.code;
}

/** Has the provider asked how a payment to this one's client ended, and says at which address that was. */
async function reached(id: string): Promise<string | undefined> {
  const receiver = walletIdOf(institutionId(id), newKey().publicKey);
  const paid = ta.pay({ receiver, receiverClass: "wallet" }, 1n);
  const request = ta.syncRequest(new Uint8Array(16).fill(1));
  (await payer.post("syncs", Buffer.concat([request, paid]))).bytes();
  asked = [];
  const query = `outcomes/${ta.id}/${ta.j}?provider=${id}`;
  const answer = await payer.get(query, await payer.token());
  const [found] = asked;
  if (found === undefined) expect(answer.code()).toBe("outcome-unreachable");
  else expect([found[0], Buffer.from(answer.bytes()).equals(said)]).toEqual([id, true]);
  return found?.[1];
}

describe("a provider that nobody has configured", () => {
  test("is found where its entry says, from the next settling on, and where the newest says", async () => {
    expect(await reached("other")).toBeUndefined();
    const key = newKey();
    holds(entryOf("other", {}, { key }));
    expect(await reached("other")).toBeUndefined();
    expect(await settle()).toBeUndefined();
    expect(await reached("other")).toBe("https://other.example");
    const moved = entryOf("other", { sequence: 3, address: "https://moved.example" }, { key });
    holds(moved);
    expect(await settle()).toBeUndefined();
    expect(await reached("other")).toBe("https://moved.example");
    // A central bank that goes back to an older one, or leaves it out, changes nothing.
    holds(entryOf("other", { sequence: 2 }, { key }));
    expect(await settle()).toBeUndefined();
    holds();
    expect(await settle()).toBeUndefined();
    expect(await reached("other")).toBe("https://moved.example");
  });

  test("is asked where the operator has configured it, whatever the directory says", async () => {
    holds(entryOf("known"));
    expect(await settle()).toBeUndefined();
    expect(await reached("known")).toBeUndefined();
  });

  test("is not taken from an entry that does not verify, which keeps no other one out", async () => {
    const now = world.clock.now();
    const [key, others] = [newKey(), foundInstitutions()];
    const good = entryOf("forged");
    const bad: readonly (readonly [string, Uint8Array])[] = [
      ["forged", good.with(-1, good.at(-1)! ^ 1)],
      ["ended", entryOf("ended", { at: seconds(now - DAY), end: seconds(now - 1) })],
      ["early", entryOf("early", { at: seconds(now + 301) })],
      ["astray", entryOf("astray", {}, { audience: "here" })],
      ["away", entryOf("away", {}, { key, chain: certifyProvider(others, "away", key) })],
      ["role", entryOf("role", {}, asOther("role", { role: "intermediary" }))],
      ["dollars", entryOf("dollars", {}, asOther("dollars", { currency: "USD" as never }))],
      ["old", entryOf("old", {}, asOther("old", { exp: seconds(now - 1) }))],
      // Signed by somebody else than whom it is about.
      [
        "victim",
        entryOf("victim", {}, { key, chain: certifyProvider(institutions, "thief", key) }),
      ],
    ];
    // A number that only a forger has used keeps nobody from a lower one.
    const high = { sequence: MAX_COUNTER, address: "https://forger.example" };
    const posed = entryOf("last", high, { key, chain: certifyProvider(others, "last", key) });
    holds(...bad.map(([, entry]) => entry), posed, entryOf("last"));
    expect(await settle()).toBeUndefined();
    for (const [id] of bad) expect([id, await reached(id)]).toEqual([id, undefined]);
    expect(await reached("thief")).toBeUndefined();
    expect(await reached("last")).toBe("https://last.example");
  });

  function asOther(
    id: string,
    changes: NonNullable<Parameters<typeof certifyProvider>[3]>,
  ): Signed {
    const key = newKey();
    return { key, chain: certifyProvider(institutions, id, key, changes) };
  }

  test("is not asked any more once its entry has ended, or its key is revoked", async () => {
    const key = newKey();
    const end = seconds(world.clock.now() + 60);
    holds(entryOf("brief", { end }), entryOf("stolen", { sequence: MAX_COUNTER }, { key }));
    expect(await settle()).toBeUndefined();
    expect(await reached("brief")).toBe("https://brief.example");
    expect(await reached("stolen")).toBe("https://stolen.example");
    world.clock.advance(61);
    expect(await reached("brief")).toBeUndefined();
    lists = revoking(key);
    holds();
    expect(await settle()).toBeUndefined();
    expect(await reached("stolen")).toBeUndefined();
    // However high the thief's number was, the provider's next key is believed again.
    holds(entryOf("stolen", { address: "https://back.example" }));
    expect(await settle()).toBeUndefined();
    expect(await reached("stolen")).toBe("https://back.example");
  });

  test("is found on a later page, too", async () => {
    const names = Array.from({ length: 257 }, (_, i) => `p${String(i).padStart(3, "0")}`);
    const entries = names.map((name) => entryOf(name));
    const asks: string[] = [];
    pages = (after) => {
      asks.push(after);
      return ok(concatBytes(...(after === "" ? entries.slice(0, 256) : entries.slice(256))));
    };
    expect(await settle()).toBeUndefined();
    expect(asks).toEqual(["", "p255"]);
    expect(await reached("p256")).toBe("https://p256.example");
  });
});

function revoking(key: SyncSigner): Uint8Array<ArrayBuffer> {
  const context = institutionToAnybody({ currency: EUR, institution: BANK });
  const revoked = [[keyIdOf(key.publicKey), START] as const];
  const list = { sequence: 1, issuedAt: START, revoked };
  return new Uint8Array(institutionStatus.sign(list, context, institutions.rootKey));
}

describe("a provider's own entry", () => {
  const own = (changes: Partial<ProviderEntry> = {}): Uint8Array =>
    entryOf("here", { address: OWN, ...changes }, { key: world.key, chain: world.chain });

  test("is brought where the directory has none, and again when half of its time is over", async () => {
    holds();
    expect(await settle()).toBeUndefined();
    const now = world.clock.now();
    const entry = { sequence: now, at: now, end: now + 7 * DAY, address: OWN };
    expect(entered).toEqual([entry]);
    holds(own({ ...entry, end: seconds(entry.end) }));
    expect(await settle()).toBeUndefined();
    world.clock.advance(3.5 * DAY - 1);
    expect(await settle()).toBeUndefined();
    expect(entered).toHaveLength(1);
    world.clock.advance(1);
    expect(await settle()).toBeUndefined();
    expect(entered.slice(1)).toMatchObject([{ sequence: now + 3.5 * DAY }]);
  });

  test("is brought where the directory has another address, above the number that it has", async () => {
    const sequence = world.clock.now() + 500;
    holds(own({ sequence, address: "https://before.example" }));
    expect(await settle()).toBeUndefined();
    expect(entered).toMatchObject([{ sequence: sequence + 1, address: OWN }]);
    // What does not verify as its own says nothing about numbers.
    holds(entryOf("here", { sequence: MAX_COUNTER }, { chain: world.chain }));
    expect(await settle()).toBeUndefined();
    expect(entered[1]).toMatchObject({ sequence: world.clock.now() });
    holds(own({ sequence: MAX_COUNTER, address: "https://before.example" }));
    expect(await settle()).toBe("entry-outdated");
    expect(entered).toHaveLength(2);
  });

  test("that the central bank refuses is a step that is done the next time", async () => {
    holds();
    takes = err(refusal("unknown-provider"));
    expect(await settle()).toBe("unknown-provider");
    pages = () => err(refusal("settlement-unreachable"));
    expect(await settle()).toBe("settlement-unreachable");
    for (const junk of [Uint8Array.of(0xff), Uint8Array.of(1, 2, 3), own().slice(1)]) {
      pages = () => ok(junk);
      expect(await settle()).toBe("malformed");
    }
    pages = () => ok(concatBytes(...Array.from({ length: 257 }, () => own())));
    expect(await settle()).toBe("malformed");
  });
});

test("the directory is read and entered over HTTP", async () => {
  const seen: unknown[] = [];
  const { directory } = httpCentralBank("https://cb", (url, { method, headers, body }) => {
    seen.push([method, url, headers["content-type"], body?.length]);
    return Promise.resolve(new Response(Uint8Array.of(1, 2)));
  });
  expect(await directory?.read("")).toEqual(ok(Uint8Array.of(1, 2)));
  expect(await directory?.read("bank-a")).toEqual(ok(Uint8Array.of(1, 2)));
  expect(await directory?.enter(new Uint8Array(5))).toEqual(ok(Uint8Array.of(1, 2)));
  expect(seen).toEqual([
    ["GET", "https://cb/v1/directory", undefined, undefined],
    ["GET", "https://cb/v1/directory?after=bank-a", undefined, undefined],
    ["POST", "https://cb/v1/directory", "application/cose", 5],
  ]);
});
