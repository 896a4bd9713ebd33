import {
  attach,
  concatBytes,
  err,
  institutionId,
  institutionStatus,
  institutionToAnybody,
  keyIdOf,
  ok,
  refusal,
  seconds,
  unwrap,
  type KeyId,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import { expect, test } from "vitest";
import { httpCentralBank, type CentralBank } from "../src/settlement/central-bank.ts";
import { useDatabase } from "./support/database.ts";
import { EUR, foundInstitutions, makeWorld, newKey, type World } from "./support/world/index.ts";

const database = useDatabase();
const institutions = foundInstitutions();

/** A central bank that answers this about revoked institutions, and nothing else. */
function bank(answer: (brought: Uint8Array) => Result<Uint8Array, Refusal>): CentralBank {
  return {
    post: () => Promise.resolve(err(refusal("settlement-unreachable"))),
    exchangeLists: (brought) => Promise.resolve(answer(brought)),
  };
}

function listOf(
  sequence: number,
  kid: KeyId,
  { root, rootKey } = institutions,
  since = seconds(500),
): Uint8Array {
  const context = institutionToAnybody({
    currency: EUR,
    institution: root.id ?? institutionId("bank"),
  });
  const revoked = [[kid, since] as const];
  return institutionStatus.sign({ sequence, issuedAt: seconds(500), revoked }, context, rootKey);
}

/** What a TA learns of revoked keys at a sync. */
async function learntBy(world: World) {
  const [wallet, ta] = await world.walletWithTa();
  const reply = await wallet.post("syncs", ta.syncRequest(new Uint8Array(16)));
  return ta.sync(reply.bytes()).revokedKeys;
}

test("what the central bank knows to be revoked reaches TAs and wallets, once the provider has settled", async () => {
  const kid = keyIdOf(newKey().publicKey);
  const list = listOf(1, kid);
  const stranger = listOf(2, kid, foundInstitutions());
  let answer: Result<Uint8Array, Refusal> = err(refusal("settlement-unreachable"));
  const world = await makeWorld(database(), { institutions, centralBank: bank(() => answer) });
  const failedSteps = async () =>
    unwrap(await world.provider.settle()).failed.map(({ step }) => step as string);

  expect(await failedSteps()).toContain("lists");
  expect(await learntBy(world)).toEqual([]);
  answer = ok(Uint8Array.of(0xff));
  expect(await failedSteps()).toContain("lists");

  // One that nobody of this hierarchy has signed says nothing, and keeps no other one out.
  answer = ok(concatBytes(stranger, list));
  expect(await failedSteps()).not.toContain("lists");
  expect(await learntBy(world)).toEqual([[kid, 500]]);
  const known = await world.http.sequence("/v1/institutions", new Uint8Array());
  expect(Buffer.from(known.bytes()).equals(list)).toBe(true);
  // The same again is nothing new.
  expect(await failedSteps()).not.toContain("lists");
});

test("a list that was brought here goes up to a central bank that has not got it, and no older one", async () => {
  const [older, newer] = [1, 2].map((n) => listOf(20 + n, keyIdOf(newKey().publicKey)));
  let theirs = older!;
  const brought: Uint8Array[] = [];
  const centralBank = bank((list) => {
    if (list.length > 0) brought.push(list);
    if (list.length > 0 && brought.length === 1) return err(refusal("settlement-unreachable"));
    return ok(theirs);
  });
  const world = await makeWorld(database(), { institutions, id: "carrier", centralBank });
  const settle = async () =>
    unwrap(await world.provider.settle()).failed.filter(({ step }) => step === "lists");
  expect((await world.http.sequence("/v1/institutions", newer!)).code()).toBe("ok");
  // Lost on the way: it goes up the next time.
  expect(await settle()).toMatchObject([{ refusal: { code: "settlement-unreachable" } }]);
  expect(await settle()).toEqual([]);
  expect(brought.map((list) => Buffer.from(list).equals(newer!))).toEqual([true, true]);
  theirs = newer!;
  expect(await settle()).toEqual([]);
  expect(brought).toHaveLength(2);
});

test("the central bank is asked over HTTP for its lists, and told others", async () => {
  const asked: unknown[] = [];
  const { exchangeLists } = httpCentralBank("https://cb", (url, { headers, body }) => {
    asked.push([url, headers["content-type"], body?.length]);
    return Promise.resolve(new Response(Uint8Array.of(1, 2)));
  });
  expect(await exchangeLists?.(new Uint8Array(7))).toEqual(ok(Uint8Array.of(1, 2)));
  expect(asked).toEqual([["https://cb/v1/institutions", "application/cbor-seq", 7]]);
});

test("of an intermediary whose key is revoked no provider is believed that reported to nobody in time", async () => {
  const away = bank(() => err(refusal("settlement-unreachable")));
  const world = await makeWorld(database(), { institutions, id: "here", centralBank: away });
  const alone = await makeWorld(database(), { institutions, id: "alone" });
  const other = await makeWorld(database(), { institutions, id: "there" });
  unwrap(await other.provider.publishStatus());
  // Both share the database of this test, so that it is brought under its chain as by a wallet.
  const chunk = attach((await other.http.get("/v1/status")).bytes(), { chain: other.chain });
  const bring = async ({ http }: World) =>
    (await http.sequence("/v1/status", unwrap(chunk))).code();
  expect([await bring(world), await bring(alone)]).toEqual(["ok", "ok"]);
  const kid = keyIdOf(institutions.intermediaryKey.publicKey);
  const list = listOf(30, kid, institutions, world.clock.now());
  for (const { http } of [world, alone]) await http.sequence("/v1/institutions", list);
  expect([await bring(world), await bring(alone)]).toEqual([
    "issuer-unconfirmed",
    "issuer-revoked",
  ]);
});
