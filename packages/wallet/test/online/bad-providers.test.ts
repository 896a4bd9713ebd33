import {
  amount,
  claimAnswer,
  counter,
  decode,
  paymentRequest,
  seconds,
  unwrap,
  type TaId,
} from "@bezant/protocol";
import { createNetwork, type Network, type Party } from "@bezant/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BadProvider, WRONGS, type Wrong } from "../support/bad-provider.ts";

let network: Network;
let alice: Party;
let shop: Party;
const made = new Map<string, BadProvider>();

beforeAll(async () => {
  network = await createNetwork();
  alice = await network.party({ offline: 1000n });
  shop = await network.party();
  const { institutions } = network;
  for (const wrong of Object.keys(WRONGS) as Wrong[]) {
    made.set(wrong, new BadProvider(wrong, institutions));
  }
  const list = institutions.revoke(1, bad("revoked").revoked);
  // One server is told; wallets and, through them, TAs learn of it when they synchronise.
  expect(await exchange(list)).toBe(200);
  unwrap(await alice.wallet.sync());
  for (const one of unwrap(await alice.wallet.institutionLists())) {
    expect(unwrap(await shop.wallet.learnInstitutions(one))).toBe(true);
    expect(unwrap(await shop.wallet.learnInstitutions(one))).toBe(false);
  }
});
afterAll(() => network.close());

function bad(wrong: Wrong): BadProvider {
  return made.get(wrong)!;
}

async function post(path: string, body: Uint8Array): Promise<Response> {
  return fetch(network.provider().url + path, {
    method: "POST",
    headers: { "content-type": "application/cbor-seq" },
    body: new Uint8Array(body),
  });
}

async function exchange(lists: Uint8Array): Promise<number> {
  return (await post("/v1/institutions", lists)).status;
}

describe.each(Object.entries(WRONGS) as [Wrong, string][])(
  "a provider that is %s",
  (wrong, code) => {
    it("is refused by a wallet that is to become its client", async () => {
      const { url, close } = await bad(wrong).serve(network.institutions.root.key);
      const wallet = await network.stranger();
      for (const list of unwrap(await alice.wallet.institutionLists())) {
        unwrap(await wallet.wallet.learnInstitutions(list));
      }
      expect(await wallet.wallet.register({ url })).toMatchObject({ error: { code } });
      close();
    });

    it("is refused by a wallet that is to pay its client, or is paid by one", async () => {
      const request = bad(wrong).request();
      expect(await alice.wallet.inspect(request)).toMatchObject({ error: { code } });
      const payment = bad(wrong).pay(await shop.id());
      expect(await shop.wallet.receive(payment)).toMatchObject({ error: { code } });
    });

    it("is refused by another provider, to which its client's payment is brought", async () => {
      const response = await post("/v1/claims", bad(wrong).pay(await shop.id()));
      const answer = unwrap(decode(claimAnswer, new Uint8Array(await response.arrayBuffer())));
      expect(answer).toEqual({ kind: "refused", value: code });
      expect(await network.provider().online(await shop.id())).toBe(0n);
    });
  },
);

describe("a TA", () => {
  it.each(Object.keys(WRONGS) as Wrong[])(
    "does not pay the client of a provider that is %s",
    async (wrong) => {
      const device = alice.device!.connect();
      const input = { request: bad(wrong).request(), hint: network.clock.now() };
      expect(await device.pay(input)).toMatchObject({ error: { code: WRONGS[wrong] } });
      expect(await alice.offline()).toBe(1000n);
    },
  );
});

describe("a TA that is paid", () => {
  const collect = async (by: BadProvider) => {
    const device = alice.device!.connect();
    const asking = { amount: amount(100n), expires: seconds(0), replaces: counter(0) };
    const request = unwrap(await device.requestPayment(asking));
    const { payload } = unwrap(paymentRequest.parse(request));
    const ta = unwrap(await device.getInfo()).id as TaId;
    const collected = await device.collect({ payment: by.pay(ta, payload) });
    if (!collected.ok) unwrap(await device.cancelRequest({ r: payload.r }));
    return collected;
  };

  it.each(Object.keys(WRONGS) as Wrong[])(
    "does not take money from the client of a provider that is %s",
    async (wrong) => {
      const before = await alice.offline();
      expect(await collect(bad(wrong))).toMatchObject({ error: { code: WRONGS[wrong] } });
      expect(await alice.offline()).toBe(before);
    },
  );

  it("takes it where nothing is wrong with the payer's provider", async () => {
    const before = await alice.offline();
    expect(await collect(new BadProvider("nothing", network.institutions))).toMatchObject({
      ok: true,
    });
    expect(await alice.offline()).toBe(before + 100n);
  });
});

describe("a provider with which nothing is wrong", () => {
  it("is believed by all of them", async () => {
    const good = new BadProvider("nothing", network.institutions);
    const { url, close } = await good.serve(network.institutions.root.key);
    const wallet = await network.stranger();
    // It is one as far as its certificate goes.
    expect(await wallet.wallet.register({ url })).not.toMatchObject({
      error: {
        code: expect.stringMatching(
          /^(?:expired|issuer-revoked|wrong-role|unknown-issuer)$/,
        ) as string,
      },
    });
    close();
    expect(await alice.wallet.inspect(good.request())).toMatchObject({ ok: true });
    const paid = await alice.device!.connect().pay({
      request: good.request(),
      hint: network.clock.now(),
    });
    expect(paid.ok).toBe(true);
    const response = await post("/v1/claims", good.pay(await shop.id()));
    const answer = unwrap(decode(claimAnswer, new Uint8Array(await response.arrayBuffer())));
    expect(answer.kind).toBe("outcome");
  });
});

describe("a status list of institutions", () => {
  it("is refused where nobody can have signed it, and an older one changes nothing", async () => {
    const list = network.institutions.revoke(1, []);
    expect(await exchange(list.with(-1, (list.at(-1) as number) ^ 1))).toBe(403);
    expect(await exchange(Uint8Array.of(1, 2, 3))).toBe(400);
    expect(await exchange(list)).toBe(200);
    const request = bad("revoked").request();
    expect(await alice.wallet.inspect(request)).toMatchObject({
      error: { code: "issuer-revoked" },
    });
  });

  it("is remembered by wallet and provider over a restart", async () => {
    const provider = network.provider();
    await provider.stop();
    await provider.start();
    const response = await post("/v1/claims", bad("revoked").pay(await shop.id()));
    const answer = unwrap(decode(claimAnswer, new Uint8Array(await response.arrayBuffer())));
    expect(answer).toEqual({ kind: "refused", value: "issuer-revoked" });
    await shop.reopen();
    const payment = bad("revoked").pay(await shop.id());
    expect(await shop.wallet.receive(payment)).toMatchObject({
      error: { code: "issuer-revoked" },
    });
  });

  it("leaves what a key says it certified before it was revoked to a person, where no central bank can tell", async () => {
    const { institutions, clock } = network;
    const good = new BadProvider("nothing", institutions);
    const [[key] = ["" as never]] = good.revoked;
    expect(await exchange(institutions.revoke(2, [[key, seconds(clock.now())]]))).toBe(200);
    const response = await post("/v1/claims", good.pay(await shop.id()));
    const answer = unwrap(decode(claimAnswer, new Uint8Array(await response.arrayBuffer())));
    expect(answer).toEqual({ kind: "refused", value: "claim-in-review" });
  });
});
