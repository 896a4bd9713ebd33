import {
  decodeSequence,
  institutionId,
  keyIdOf,
  MAX_COUNTER,
  MAX_MESSAGE,
  providerEntry,
  seconds,
  unwrap,
} from "@bezant/protocol";
import { DEFAULT_HTTP, type App } from "@bezant/service/http";
import { injected, type Http } from "@bezant/service/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApp } from "../src/http/app.ts";
import { createCentralBank } from "../src/index.ts";
import { useDatabases } from "./support/database.ts";
import { TestProvider, World } from "./support/world.ts";

const newDatabase = useDatabases();
let db: Awaited<ReturnType<typeof newDatabase>>;
let world: World;
let app: App;
let http: Http;
beforeAll(async () => {
  db = await newDatabase();
  world = await (await World.on(db)).open();
  app = await createApp(world.bank, db, { ...DEFAULT_HTTP, requestsPerMinute: 1e6 });
  http = injected(() => app);
});
afterAll(() => app.close());

const bring = async (entry: Uint8Array) => http.cose("/v1/directory", entry);

async function listed(query = "") {
  const page = (await http.get(`/v1/directory${query}`)).bytes();
  const items = unwrap(decodeSequence(page, { maxItems: 256, maxItemSize: MAX_MESSAGE }));
  return items.map((item) => unwrap(providerEntry.parse(item)).payload);
}

describe("the directory of providers", () => {
  test("gives out the newest entry of each as it was signed, a page at a time", async () => {
    const [first, second] = [world.b.enters(), world.b.enters({ address: "https://new.example" })];
    expect((await bring(first)).bytes()).toEqual(first);
    expect((await bring(world.a.enters())).code()).toBe("ok");
    expect((await bring(second)).bytes()).toEqual(second);
    const addresses = ["https://bank-a.example:8082", "https://new.example"];
    expect((await listed()).map(({ address }) => address)).toEqual(addresses);
    expect((await listed("?after=bank-a")).map(({ address }) => address)).toEqual([addresses[1]]);
    expect(await listed("?after=bank-b")).toEqual([]);
    expect((await http.get("/v1/directory?after=Bank-A")).status).toBe(400);
    expect((await http.get("/v1/directory?before=bank-a")).status).toBe(400);
  });

  test("never goes back: an older entry is refused, the newest again changes nothing", async () => {
    const [older, newer] = [world.a.enters(), world.a.enters({ address: "https://moved.example" })];
    expect((await bring(newer)).code()).toBe("ok");
    const replayed = await bring(older);
    expect([replayed.status, replayed.code()]).toEqual([409, "entry-outdated"]);
    const { sequence } = unwrap(providerEntry.parse(newer)).payload;
    const other = world.a.enters({ sequence, address: "https://other.example" });
    expect((await bring(other)).code()).toBe("entry-outdated");
    expect((await bring(newer)).bytes()).toEqual(newer);
    const restarted = unwrap(await createCentralBank(world.parts(db)));
    expect(await restarted.acceptEntry(older)).toMatchObject({ error: { code: "entry-outdated" } });
    expect((await listed())[0]).toMatchObject({ address: "https://moved.example" });
  });

  test("of two entries that come at once the newer one stays", async () => {
    const [older, newer] = [world.a.enters(), world.a.enters({ address: "https://last.example" })];
    await Promise.all([bring(newer), bring(older), bring(newer), bring(older)]);
    expect((await listed())[0]).toMatchObject({ address: "https://last.example" });
  });

  test("takes none that has ended or is of a time to come, and leaves out what ends", async () => {
    const now = world.clock.now();
    const ended = world.a.enters({ at: seconds(now - 60), end: seconds(now - 1) });
    expect((await bring(ended)).code()).toBe("entry-not-current");
    const early = world.a.enters({ at: seconds(now + 301), end: seconds(now + 900) });
    expect((await bring(early)).code()).toBe("entry-not-current");
    const short = world.a.enters({ end: seconds(now + 60), address: "https://short.example" });
    expect((await bring(short)).code()).toBe("ok");
    expect(await listed()).toHaveLength(2);
    world.clock.advance(61);
    expect(await listed()).toHaveLength(1);
    // Neither does what it had replaced come back.
    const before = world.a.enters({ sequence: 1 });
    expect((await bring(before)).code()).toBe("entry-outdated");
    expect((await bring(world.a.enters())).code()).toBe("ok");
    expect(await listed()).toHaveLength(2);
  });

  test("has no place for a provider without an account, for a message to somebody else, or for anything else", async () => {
    const stranger = new TestProvider("bank-z", world.institutions, world.clock);
    const refused = await bring(stranger.enters());
    expect([refused.status, refused.code()]).toEqual([404, "unknown-provider"]);
    const at = world.clock.now();
    const entry = { sequence: 9, at, end: seconds(at + 60), address: "https://x.example" };
    const toB = world.a.sign(providerEntry, entry, institutionId("bank-b"));
    expect((await bring(toB)).code()).toBe("bad-signature");
    const dollars = new TestProvider("bank-a", world.institutions, world.clock, {
      currency: "USD" as never,
    });
    expect((await bring(dollars.enters())).code()).toBe("wrong-currency");
    expect((await bring(world.a.asks({ kind: "status" }))).code()).toBe("wrong-type");
    expect((await bring(new Uint8Array(MAX_MESSAGE + 1))).code()).toBe("too-large");
  });

  test("lets no number of a stolen key stand against the provider's next one", async () => {
    const thief = new TestProvider("bank-a", world.institutions, world.clock);
    const high = thief.enters({ sequence: MAX_COUNTER, address: "https://thief.example" });
    expect((await bring(high)).code()).toBe("ok");
    expect((await bring(world.a.enters())).code()).toBe("entry-outdated");
    const issuedAt = world.clock.now();
    const revoked = [[keyIdOf(thief.key.publicKey), issuedAt] as const];
    const list = world.institutions.list("root", { sequence: 1, issuedAt, revoked });
    unwrap(await world.bank.exchangeLists(list));
    expect((await bring(high)).code()).toBe("issuer-revoked");
    expect((await bring(world.a.enters())).code()).toBe("ok");
    expect((await listed())[0]).toMatchObject({ address: "https://bank-a.example:8082" });
  });

  test("goes on listing a provider that is suspended: payments to its clients end all the same", async () => {
    unwrap(await world.order({ kind: "suspend", provider: world.b.id }));
    expect((await bring(world.b.enters())).code()).toBe("ok");
    expect(await listed("?after=bank-a")).toHaveLength(1);
  });
});
