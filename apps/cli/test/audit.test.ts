import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { amount, institutionId, seconds } from "@bezant/protocol";
import { asSuperuser } from "@bezant/service/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { certificateIn } from "../src/network/layout.ts";
import { bezant, lines, type Ran } from "./support/bezant.ts";
import { useNetwork, writeRevocationList } from "./support/network.ts";

const PROVIDERS = ["aurum", "boreal"] as const;

const net = useNetwork({ revocationLists: true });
const keyOf = (id: (typeof PROVIDERS)[number]): string =>
  net().network.layout.provider(id).operator;
const done = (...args: string[]) => net().done(...args);

beforeAll(async () => {
  const { network } = net();
  await network.startProvider("boreal");
  const bank = await network.bankOperator();
  const provider = institutionId("boreal");
  const x = amount(20_000_000n);
  await bank.order({ kind: "open", orderId: randomBytes(16), provider, limit: x });
  await bank.order({ kind: "issue", orderId: randomBytes(16), provider, amount: x });
  await settle();
});

async function settle(): Promise<void> {
  for (const id of PROVIDERS) {
    const to = ["--url", net().network.url(id), "--key", keyOf(id), ...net().passphrase];
    await done("provider", "settle", ...to);
  }
}

/** `bezant audit`, as the central bank runs it: over mutual TLS to its own service. */
function audit(): Promise<Ran> {
  const { network, passphrase, run } = net();
  const { operator, tls } = network.layout.centralBank;
  const providers = PROVIDERS.flatMap((id) => ["--provider", `${network.url(id)}=${keyOf(id)}`]);
  const bank = ["--central-bank", `${network.centralBankUrl}=${operator}`];
  const identity = ["--tls", tls, "--tls-root", network.layout.tlsRoot];
  return run("audit", ...bank, ...providers, ...identity, ...passphrase);
}

/** Behind the back of a provider, with all rights over its embedded database. */
function tamper(id: (typeof PROVIDERS)[number], statement: string): Promise<void> {
  const file = join(net().network.layout.provider(id).data, "db", "cluster", "postmaster.pid");
  const [, , , port, folder = ""] = readFileSync(file, "utf8").split("\n");
  const url = `postgresql://bezant@localhost:${port}/bezant?host=${encodeURIComponent(folder)}`;
  return asSuperuser(url, statement);
}

describe("bezant audit, with two providers that settle", () => {
  it("adds up while a payment across them is pending and once it is posted, and names the row that was changed", async () => {
    const { network, cwd } = net();
    const a = await net().wallet("a", { online: "50.00", deposited: "20.00" });
    const b = join(cwd, "b");
    const terms = [
      "--root",
      certificateIn(network.layout.root),
      "--provider",
      network.url("boreal"),
    ];
    await done("wallet", "create", "--wallet", b, ...terms);
    const { client } = await done("wallet", "register", "--wallet", b);
    const [request, payment] = [join(cwd, "request"), join(cwd, "payment")];
    await done("wallet", "request", "7.00", "--with-chain", "--wallet", b, "--out", request);
    await done(
      "wallet",
      "pay",
      "--wallet",
      a,
      "--in",
      request,
      "--amount",
      "7.00",
      "--out",
      payment,
    );
    await done("wallet", "collect", "--wallet", b, "--in", payment);
    await done("wallet", "claim", "--wallet", b);

    // Whoever cannot be asked is no money that is missing.
    const nobody = `http://127.0.0.1:1=${network.layout.centralBank.operator}`;
    const provider = `${network.url("aurum")}=${keyOf("aurum")}`;
    const unasked = ["--central-bank", nobody, "--provider", provider, ...net().passphrase];
    expect((await net().run("audit", ...unasked)).code).toBe(3);

    const before = await audit();
    expect([before.code, lines(before)[0]]).toMatchObject([
      0,
      {
        balanced: true,
        findings: [],
        offline: "1300",
        providers: [
          { provider: "aurum", unreported: "2000" },
          { provider: "boreal", unreported: "-700" },
        ],
      },
    ]);
    await settle();
    const { window } = await (
      await network.bankOperator()
    ).supply(seconds(Math.floor(Date.now() / 1000)));
    const { operator, tls } = network.layout.centralBank;
    const bank = ["--url", network.centralBankUrl, "--key", operator, ...net().passphrase];
    const identity = ["--tls", tls, "--tls-root", network.layout.tlsRoot];
    await done("central-bank", "order", "close-window", window, ...bank, ...identity);
    await settle();
    const after = await audit();
    expect([after.code, lines(after)[0]]).toMatchObject([
      0,
      {
        balanced: true,
        offline: "1300",
        providers: [
          { provider: "aurum", unreported: "0", unposted: "0" },
          { provider: "boreal", unreported: "0", unposted: "0", online: "700" },
        ],
      },
    ]);

    // One row: somebody gives the payee 5.00 more.
    await tamper("boreal", "UPDATE accounts SET online = online + 500, reserves = reserves - 500");
    const ran = await audit();
    expect([ran.code, lines(ran)[0]]).toMatchObject([
      1,
      {
        balanced: false,
        findings: [{ holder: "boreal", what: "its own ledger is off" }],
        tampered: [
          { provider: "boreal", client, account: "online", off: "500" },
          { provider: "boreal", client, account: "reserves", off: "-500" },
        ],
      },
    ]);
    expect(ran.stdout + ran.stderr).toContain("does not add up");
  });
});

describe("institutions that do not answer, or are not answered", () => {
  it("a wallet says of how many payments the payee's provider cannot be asked now", async () => {
    const { network, cwd } = net();
    const c = await net().wallet("c", { online: "10.00", deposited: "10.00" });
    const [request, payment] = [join(cwd, "request-2"), join(cwd, "payment-2")];
    const b = ["--wallet", join(cwd, "b")];
    await done("wallet", "request", "4.00", "--with-chain", ...b, "--out", request);
    const paying = ["--in", request, "--amount", "4.00", "--out", payment];
    await done("wallet", "pay", "--wallet", c, ...paying);
    await network.stopProvider("boreal");
    const synced = await bezant(["wallet", "sync", "--wallet", c], { cwd });
    expect(synced).toMatchObject({ code: 0 });
    expect(synced.stdout).toContain(
      "Of 1 more the payee's provider cannot be asked now; they stay made, synchronise again later.",
    );
  });

  it("a server reads its revocation lists again when it gets SIGHUP, and goes on serving", async () => {
    const { network, cwd, run, passphrase } = net();
    const { layout } = network;
    const settling = async (): Promise<unknown> => {
      const to = ["--url", network.url("aurum"), "--key", keyOf("aurum"), ...passphrase];
      return lines(await run("provider", "settle", ...to))[0]?.["failed"];
    };
    expect(await settling()).toEqual([]);
    const revoked = ["--tls", join(layout.provider("aurum").tls, "tls.pem")];
    await done("ca", "revoke", "--dir", layout.intermediary, ...revoked, ...passphrase);
    await writeRevocationList(layout, layout.intermediary, cwd);
    const [bank] = network.running;
    process.kill(bank!.pid, "SIGHUP");
    await expect.poll(settling, { timeout: 60_000 }).not.toEqual([]);
    // Itself is not on the list.
    const operator = await network.bankOperator();
    expect(await operator.supply(seconds(Math.floor(Date.now() / 1000)))).toBeDefined();
  });
});
