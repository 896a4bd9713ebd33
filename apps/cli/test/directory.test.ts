import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { amount, institutionId, seconds } from "@bezant/protocol";
import { beforeAll, describe, expect, it } from "vitest";
import { certificateIn } from "../src/network/layout.ts";
import { lines } from "./support/bezant.ts";
import { useNetwork } from "./support/network.ts";

// Three services in processes of their own, each with its PostgreSQL, over mutual TLS.
const net = useNetwork();
const now = () => seconds(Math.floor(Date.now() / 1000));
/** What a provider of these networks raises its allowance by. */
const SUPPLY = 100_000_00n;
const BOREAL = institutionId("boreal");

beforeAll(async () => {
  const { network } = net();
  const bank = await network.bankOperator();
  const opening = { kind: "open", provider: BOREAL, limit: amount(SUPPLY) } as const;
  await bank.order({ ...opening, orderId: randomBytes(16) });
  const issue = { kind: "issue", provider: BOREAL, amount: amount(2n * SUPPLY) } as const;
  await bank.order({ ...issue, orderId: randomBytes(16) });
  await network.startProvider("boreal");
});

async function settle(id: "aurum" | "boreal"): Promise<void> {
  const { failed } = await (await net().network.operator(id)).settle(now());
  expect(failed).toEqual([]);
}

const wallet = (folder: string, ...args: string[]): Promise<Record<string, unknown>> =>
  net().done("wallet", ...args, "--wallet", folder);

describe("two providers that have only the central bank in their configurations", () => {
  it("are in its directory once they have settled", async () => {
    const { network, run, passphrase } = net();
    for (const id of ["aurum", "boreal"] as const) {
      expect(await configOf(id)).not.toHaveProperty("providers");
    }
    const own = ["--tls", network.layout.centralBank.tls, "--tls-root", network.layout.tlsRoot];
    const list = async () => {
      const ran = await run(
        "central-bank",
        "directory",
        "--url",
        network.centralBankUrl,
        ...own,
        ...passphrase,
      );
      return lines(ran)[0];
    };
    expect(await list()).toMatchObject({ entries: [{ provider: "aurum" }] });
    await settle("boreal");
    expect(await list()).toMatchObject({
      entries: [{ provider: "aurum" }, { provider: "boreal" }],
    });
  });

  it("tell a payer how a payment to the other one's client has ended", async () => {
    const payer = await payBoreal("first");
    // Since boreal has entered, aurum has not looked: it knows no way there yet.
    expect(await wallet(payer, "sync")).toMatchObject({ settled: 0, unreachable: 1 });
    await settle("aurum");
    expect(await wallet(payer, "sync")).toMatchObject({ settled: 1, unreachable: 0 });
    expect(await wallet(payer, "sync")).toMatchObject({ settled: 0 });
  });

  it("learn nothing at an address where somebody else is, and go on at the right one", async () => {
    const right = await addressOf("boreal");
    // Aurum's own listener: it has a certificate of the same hierarchy, and would answer.
    await moveBoreal(await addressOf("aurum"));
    await settle("boreal");
    await settle("aurum");
    const payer = await payBoreal("second");
    expect(await wallet(payer, "sync")).toMatchObject({ settled: 0, unreachable: 1 });
    await moveBoreal(right);
    await settle("boreal");
    await settle("aurum");
    expect(await wallet(payer, "sync")).toMatchObject({ settled: 1, unreachable: 0 });
  });
});

/** A client of aurum's pays one of boreal's, which claims it. @returns the payer's wallet */
async function payBoreal(name: string): Promise<string> {
  const { network, cwd } = net();
  const path = (file: string): string => join(cwd, `${name}-${file}`);
  const payer = await net().wallet(`${name}-payer`, { online: "9.00", deposited: "9.00" });
  const shop = path("shop");
  const root = certificateIn(network.layout.root);
  await wallet(shop, "create", "--root", root, "--provider", network.url("boreal"));
  await wallet(shop, "register");
  await wallet(shop, "request", "2.00", "--with-chain", "--out", path("request"));
  await wallet(payer, "pay", "--in", path("request"), "--yes", "--out", path("payment"));
  await wallet(shop, "collect", "--in", path("payment"));
  await wallet(shop, "claim");
  return payer;
}

type Config = { readonly institutions: { readonly address: string } };

async function configOf(id: "aurum" | "boreal"): Promise<Config> {
  return JSON.parse(await readFile(net().network.layout.provider(id).config, "utf8")) as Config;
}

async function addressOf(id: "aurum" | "boreal"): Promise<string> {
  return (await configOf(id)).institutions.address;
}

/** Boreal says that it is somewhere else, and serves where it did. */
async function moveBoreal(address: string): Promise<void> {
  const { network } = net();
  const config = await configOf("boreal");
  await network.stopProvider("boreal");
  const institutions = { ...config.institutions, address };
  await writeFile(
    network.layout.provider("boreal").config,
    JSON.stringify({ ...config, institutions }),
  );
  await network.startProvider("boreal");
}
