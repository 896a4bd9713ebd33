import {
  certificateDigest,
  counter,
  decodeSequence,
  keyIdOf,
  MAX_AMOUNT,
  MAX_MESSAGE,
  parseCertificate,
  reportDigest,
  settlementReport,
  settlementStatement,
  sha256,
  unwrap,
} from "@bezant/protocol";
import { beforeEach, describe, expect, test } from "vitest";
import { isBalanced } from "../src/index.ts";
import { useDatabases } from "./support/database.ts";
import { flowsOf, netPosition, reported, TestProvider, World } from "./support/world.ts";

const newDatabase = useDatabases();
let world: World;
beforeEach(async () => {
  world = await (await World.on(await newDatabase())).open();
});

const refused = (code: string) => ({ ok: false, error: { code } });
const digest = (label: string): Uint8Array => sha256(new TextEncoder().encode(label));

describe("a window", () => {
  test("is settled net over both providers: a deposit at one is claimed at the other", async () => {
    unwrap(await world.bank.report(world.a.report({ deposits: 300n })));
    unwrap(await world.bank.report(world.b.report({ claims: 200n, withdrawals: 50n })));
    // Pending: nothing has moved yet.
    expect(await world.balances(world.a)).toEqual([500n, 500n]);
    await world.closeWindow();
    expect(await world.balances(world.a)).toEqual([500n, 200n]);
    expect(await world.balances(world.b)).toEqual([750n, 500n]);
    const supply = unwrap(await world.bank.audit());
    expect(supply).toMatchObject({ issuance: 2000n, circulation: 50n, loss: 0n, window: 2n });
    expect(isBalanced(supply)).toBe(true);
  });

  test("gives each provider that reported its signed net position", async () => {
    unwrap(await world.bank.report(world.a.report({ deposits: 300n })));
    unwrap(await world.bank.report(world.a.report({ returns: 20n, reconciledOut: 1n })));
    await world.closeWindow();
    const ask = (who: TestProvider) =>
      world.bank.query(who.asks({ kind: "position", window: counter(1) }));
    const [position] = world.a.hearsAll(netPosition, unwrap(await ask(world.a)));
    expect(position).toEqual({
      window: 1,
      report: 2,
      outward: 301n,
      inward: 20n,
      uncovered: 0n,
      reserves: 520n,
      prefund: 199n,
    });
    expect(await ask(world.b)).toMatchObject(refused("unknown-window"));
  });

  test("books deposits beyond the allowance to the provider's loss, and does not stop for them", async () => {
    unwrap(await world.bank.report(world.a.report({ deposits: 700n })));
    unwrap(await world.bank.report(world.b.report({ claims: 650n })));
    await world.closeWindow();
    const supply = unwrap(await world.bank.audit());
    expect(supply.providers[0]).toMatchObject({ provider: "bank-a", prefund: 0n, loss: 200n });
    expect(supply.providers[1]).toMatchObject({ reserves: 1150n, loss: 0n });
    expect(supply.circulation).toBe(50n);
    expect(isBalanced(supply)).toBe(true);
  });

  test("books what comes back and never went out to the central bank's loss", async () => {
    unwrap(await world.bank.report(world.a.report({ deposits: 100n })));
    unwrap(await world.bank.report(world.b.report({ claims: 130n })));
    await world.closeWindow();
    const supply = unwrap(await world.bank.audit());
    expect(supply).toMatchObject({ circulation: 0n, loss: 30n, issuance: 2000n });
    expect(isBalanced(supply)).toBe(true);
  });

  // Seed night/4 of the simulation, world of 5,000 steps (ADR 83).
  test("gives back a loss when the deposits are reported windows after their claims", async () => {
    unwrap(await world.bank.report(world.b.report({ claims: 30n })));
    await world.closeWindow();
    expect(unwrap(await world.bank.audit())).toMatchObject({ circulation: 0n, loss: 30n });
    unwrap(await world.bank.report(world.a.report({ deposits: 20n })));
    await world.closeWindow();
    expect(unwrap(await world.bank.audit())).toMatchObject({ circulation: 0n, loss: 10n });
    unwrap(await world.bank.report(world.a.report({ deposits: 25n })));
    await world.closeWindow();
    const supply = unwrap(await world.bank.audit());
    expect(supply).toMatchObject({ circulation: 15n, loss: 0n, issuance: 2000n });
    expect(isBalanced(supply)).toBe(true);
  });

  test("without reports is closed as well", async () => {
    await world.closeWindow();
    await world.closeWindow();
    expect(unwrap(await world.bank.openWindow())).toBe(3n);
  });
});

describe("a report", () => {
  test("that comes again, late, or many times at once counts once", async () => {
    const first = world.a.report({ deposits: 100n });
    const second = world.a.report({ deposits: 50n });
    await Promise.all([first, first, first].map((body) => world.bank.report(body)));
    await world.closeWindow();
    unwrap(await world.bank.report(first));
    unwrap(await world.bank.report(second));
    const statement = unwrap(await world.bank.report(first));
    expect(world.a.hears(settlementStatement, statement)).toMatchObject({ report: 2, window: 2 });
    await world.closeWindow();
    expect(await world.balances(world.a)).toEqual([500n, 350n]);
  });

  test("of a provider that was down for several windows is settled with the next one", async () => {
    for (let i = 0; i < 3; i += 1) await world.closeWindow();
    unwrap(await world.bank.report(world.a.report({ deposits: 10n })));
    unwrap(await world.bank.report(world.a.report({ deposits: 20n })));
    await world.closeWindow();
    expect(await world.status(world.a)).toMatchObject({ report: 2, window: 4, closed: 4 });
    expect(await world.balances(world.a)).toEqual([500n, 470n]);
  });

  test("out of order waits for the one before", async () => {
    const first = world.a.report({ deposits: 1n });
    const second = world.a.report({ deposits: 2n });
    expect(await world.bank.report(second)).toMatchObject(refused("report-gap"));
    unwrap(await world.bank.report(first));
    unwrap(await world.bank.report(second));
  });

  test("with other content under a number that was used is kept as evidence", async () => {
    const other = world.a.report({ deposits: 2n }, [], [], { refundsChanged: true } as object);
    unwrap(await world.bank.report(world.a.report({ deposits: 1n })));
    expect(await world.bank.report(other)).toMatchObject(refused("report-conflict"));
    expect(await world.bank.report(other)).toMatchObject(refused("report-conflict"));
    await world.closeWindow();
    expect(await world.balances(world.a)).toEqual([500n, 499n]);
  });

  test("that does not follow from the one before, or lacks pages, is refused", async () => {
    const mismatch = refused("report-mismatch");
    const changes: readonly object[] = [
      { totals: flowsOf({ deposits: 2n }) },
      { previous: digest("another") },
      { certificates: 2 },
      { confirmations: 0 },
      { certificatesDigest: digest("another") },
      { confirmationsDigest: digest("another") },
    ];
    for (const change of changes) {
      const report = world.a.report({ deposits: 1n }, [digest("c")], [digest("d")], change);
      expect(await world.bank.report(report)).toMatchObject(mismatch);
    }
    const over = { deposits: MAX_AMOUNT, reconciledOut: 1n };
    const tooMuch = world.a.report(over, [], [], { previous: new Uint8Array(32) });
    expect(await world.bank.report(tooMuch)).toMatchObject(mismatch);
    expect(await world.status(world.a)).toMatchObject({ report: 0 });
  });

  test("numbered 0, of nobody the central bank knows, or to somebody else is refused", async () => {
    const zero = world.a.report({}, [], [], { n: counter(0) });
    expect(await world.bank.report(zero)).toMatchObject(refused("malformed"));
    const stranger = new TestProvider("bank-x", world.institutions, world.clock);
    expect(await world.bank.report(stranger.report({}))).toMatchObject(refused("unknown-provider"));
    const impostor = new TestProvider("bank-a", new World().institutions, world.clock);
    expect(await world.bank.report(impostor.report({}))).toMatchObject(refused("unknown-issuer"));
  });

  test("of a suspended provider still counts", async () => {
    unwrap(await world.order({ kind: "suspend", provider: world.a.id }));
    unwrap(await world.bank.report(world.a.report({ deposits: 5n })));
    expect(await world.status(world.a)).toMatchObject({ report: 1 });
  });
});

describe("what was reported", () => {
  test("is found by its digest, of its provider alone, with the first report and window", async () => {
    const [certificate, confirmation] = [digest("certificate"), digest("confirmation")];
    unwrap(await world.bank.report(world.a.report({})));
    await world.closeWindow();
    unwrap(await world.bank.report(world.a.report({}, [certificate], [confirmation])));
    unwrap(await world.bank.report(world.a.report({}, [certificate])));
    const ask = async (
      kind: "certificate" | "confirmation",
      provider: TestProvider,
      of: Uint8Array,
    ) => {
      const query = world.b.asks({ kind, provider: provider.id, digest: of });
      return world.b.hearsAll(reported, unwrap(await world.bank.query(query)))[0];
    };
    const found = { in: { report: 2, window: 2, at: world.clock.now() } };
    expect(await ask("certificate", world.a, certificate)).toMatchObject(found);
    expect(await ask("confirmation", world.a, confirmation)).toMatchObject(found);
    for (const nowhere of [
      await ask("confirmation", world.a, certificate),
      await ask("certificate", world.b, certificate),
      await ask("certificate", world.a, digest("never")),
    ]) {
      expect(nowhere).not.toHaveProperty("in");
    }
    const asked = [
      [world.a.id, digest("never")],
      [world.a.id, certificate],
      [world.a.id, certificate],
    ] as const;
    const query = world.b.asks({ kind: "certificates", asked });
    const answers = world.b.hearsAll(reported, unwrap(await world.bank.query(query)));
    expect(answers.map(({ in: place }) => place?.report)).toEqual([undefined, 2, 2]);
    // A report is also one of the certificate under which it was made.
    const own = await ask("certificate", world.a, certificateDigest(world.a.chain[0]));
    expect(own).toMatchObject({ in: { report: 1 } });
  });

  test("shows which providers an intermediary had certified before its key was revoked", async () => {
    const { clock, institutions } = world;
    unwrap(await world.bank.report(world.a.report({})));
    clock.advance(10);
    const { key } = unwrap(parseCertificate(institutions.intermediary));
    const list = {
      sequence: 1,
      issuedAt: clock.now(),
      revoked: [[keyIdOf(key), clock.now()]],
    } as const;
    unwrap(await world.bank.exchangeLists(institutions.list("root", list)));
    clock.advance(10);
    // Whoever has the stolen key certifies a key of his own for a provider, as of a day before.
    const forged = new TestProvider(world.a.id, institutions, clock);
    const asks = (by: TestProvider) => world.bank.query(by.asks({ kind: "status" }));
    expect(await asks(world.a)).toMatchObject({ ok: true });
    for (const unheard of [forged, world.b]) {
      expect(await asks(unheard)).toMatchObject(refused("issuer-revoked"));
      expect(await world.bank.report(unheard.report({}))).toMatchObject(refused("issuer-revoked"));
    }
    unwrap(await world.bank.report(world.a.report({})));
  });

  test("is given back to the provider as its last report, beside the statement that names it", async () => {
    const ask = async () =>
      unwrap(
        decodeSequence(unwrap(await world.bank.query(world.a.asks({ kind: "report" }))), {
          maxItems: 3,
          maxItemSize: MAX_MESSAGE,
        }),
      );
    expect(await ask()).toHaveLength(1);
    for (const deposits of [1n, 2n]) unwrap(await world.bank.report(world.a.report({ deposits })));
    const [statement, message, ...more] = await ask();
    expect(more).toEqual([]);
    const { report, digest: named } = world.a.hears(settlementStatement, statement!);
    const { payload, payloadBytes } = unwrap(settlementReport.parse(message!));
    expect([report, named]).toEqual([2, reportDigest(payloadBytes)]);
    expect(payload).toMatchObject({ n: 2, totals: flowsOf({ deposits: 3n }) });
  });

  test("fills as many pages as are allowed", async () => {
    const many = Array.from({ length: 5000 }, (_, i) => digest(`${i}`));
    unwrap(await world.bank.report(world.a.report({}, many, many)));
    const { in: found } = unwrap(
      await world.bank.findReported(world.a.id, "confirmation", many[4999]!),
    );
    expect(found).toEqual({ report: 1, window: 1, at: world.clock.now() });
  });

  test("is asked by those the central bank knows, at the time they say", async () => {
    const query = world.a.asks({ kind: "status" });
    world.clock.advance(301);
    expect(await world.bank.query(query)).toMatchObject(refused("unauthorised"));
    const stranger = new TestProvider("bank-x", world.institutions, world.clock);
    expect(await world.bank.query(stranger.asks({ kind: "status" }))).toMatchObject(
      refused("unknown-provider"),
    );
  });
});
