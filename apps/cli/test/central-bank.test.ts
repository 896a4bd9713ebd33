import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { readCertificate, readKey, nodeSigner } from "@bezant/pki/node";
import {
  betweenInstitutions,
  fromHex,
  institutionId,
  parseCertificate,
  providerEntry,
  seconds,
  unwrap,
} from "@bezant/protocol";
import { asSuperuser, createDatabase, useServer } from "@bezant/service/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lines, start, type Ran, type Running } from "./support/bezant.ts";
import { useNetwork } from "./support/network.ts";

const net = useNetwork({ settles: false });
const server = useServer();
let serving: Running;
let url: string;
let database: string;
let operator: string;

beforeAll(async () => {
  const { network, cwd, done, passphrase } = net();
  const { root } = network.layout;
  const folder = network.layout.centralBank.authority;
  operator = join(cwd, "cb-operator");
  const { publicKey } = await done("provider", "operator-key", "--dir", operator, ...passphrase);
  const file = join(cwd, "cb", "central-bank.json");
  const options = [
    ["--out", file, "--authority", folder, "--root", join(root, "certificate.hex")],
    ["--operator", String(publicKey), "--data-dir", join(cwd, "cb", "data"), "--port", "0"],
  ].flat();
  await done("central-bank", "init", ...options, ...passphrase);
  expect((await net().run("central-bank", "init", ...options)).code).toBe(1);
  // A database that this test can reach behind the service's back.
  database = await createDatabase(server());
  const config = JSON.parse(readFileSync(file, "utf8")) as object;
  writeFileSync(file, JSON.stringify({ ...config, databaseUrl: database }));
  serving = start(["--json", "central-bank", "serve", "--config", file], { cwd });
  url = String((await serving.said({ event: "listening" }))["url"]);
});
afterAll(async () => {
  serving.child.kill("SIGTERM");
  const ended = await serving.ended;
  expect([ended.code, lines(ended).at(-1)]).toEqual([0, { event: "stopped" }]);
});

const own = (): string[] => ["--url", url, "--key", operator, ...net().passphrase];
const order = (...args: string[]): Promise<Ran> =>
  net().run("central-bank", "order", ...args, ...own());

function audit(...more: string[]): Promise<Ran> {
  const { network, passphrase } = net();
  const provider = `${network.url("aurum")}=${network.layout.provider("aurum").operator}`;
  const bank = ["--central-bank", `${url}=${operator}`];
  return net().run("audit", ...bank, "--provider", provider, ...more, ...passphrase);
}

describe("bezant central-bank", () => {
  it("carries out the operator's orders, once for one order id", async () => {
    expect(lines(await order("issue", "aurum", "1.00"))).toMatchObject([
      { refused: "unknown-provider", state: "nothing-moved" },
    ]);
    expect((await order("open", "aurum", "--limit", "500.00")).code).toBe(0);
    const once = ["--order-id", "0a".repeat(16)];
    for (let i = 0; i < 2; i += 1) {
      expect((await order("issue", "aurum", "1000.00", ...once)).code).toBe(0);
    }
    expect(lines(await order("issue", "aurum", "1.00", ...once))).toMatchObject([
      { refused: "order-conflict" },
    ]);
  });

  it("redeems, allows, suspends, closes windows, and shows what that comes to", async () => {
    expect((await order("redeem", "aurum", "100.00")).code).toBe(0);
    expect((await order("allow", "aurum", "200.00")).code).toBe(0);
    expect(lines(await order("close-window", "1"))).toMatchObject([{ window: "1" }]);
    expect(lines(await order("close-window", "1"))).toMatchObject([{ refused: "window-closed" }]);
    const supply = await net().run("central-bank", "supply", ...own());
    expect(supply.code).toBe(0);
    expect(lines(supply)).toMatchObject([
      { issuance: "90000", window: "2", providers: [{ reserves: "70000", prefund: "20000" }] },
    ]);
    expect((await order("suspend", "aurum")).code).toBe(0);
    expect((await order("open", "aurum", "--limit", "500.00")).code).toBe(0);
  });

  it("goes by the lists of revoked institutions that it is brought, and so does a provider", async () => {
    const { network, cwd, done, run, passphrase } = net();
    const { intermediary } = network.layout;
    const list = join(cwd, "bank.status");
    await done("ca", "revoke", "--dir", intermediary, "--id", "boreal", ...passphrase);
    await done("ca", "status-list", "--dir", intermediary, "--out", list, ...passphrase);
    for (const at of [
      ["central-bank", url],
      ["provider", network.url("aurum")],
    ] as const) {
      const bring = (...files: string[]) => run(at[0], "status-lists", ...files, "--url", at[1]);
      expect(lines(await bring())).toEqual([{ lists: [] }]);
      expect(lines(await bring(list))).toMatchObject([
        { lists: [{ sequence: "1", revoked: [{ keyId: expect.any(String) as string }] }] },
      ]);
    }
    writeFileSync(join(cwd, "none.status"), "010203\n");
    const none = await run("central-bank", "status-lists", join(cwd, "none.status"), "--url", url);
    expect([none.code, lines(none)[0]]).toMatchObject([1, { refused: "malformed" }]);
  });

  it("lists where providers have said that they are reached", async () => {
    const { network, run } = net();
    const list = () => run("central-bank", "directory", "--url", url);
    expect(lines(await list())).toEqual([{ entries: [] }]);
    const { authority } = network.layout.provider("aurum");
    const secret = readFileSync(network.layout.passphrase, "utf8").trim();
    const { intermediary } = network.layout;
    const signer = nodeSigner(unwrap(await readKey(authority, secret)));
    const chain = [
      unwrap(await readCertificate(authority)),
      unwrap(await readCertificate(intermediary)),
    ] as const;
    const { nbf } = unwrap(parseCertificate(chain[0])).claims;
    const info = (await (await fetch(`${url}/v1/central-bank`)).json()) as { centralBank: string };
    const context = betweenInstitutions({
      currency: network.currency,
      signer: institutionId("aurum"),
      audience: institutionId(info.centralBank),
    });
    const at = seconds(Math.max(nbf, Math.floor(Date.now() / 1000)));
    const entry = { sequence: 1, at, end: seconds(at + 600), address: "https://aurum.example" };
    const answer = await fetch(`${url}/v1/directory`, {
      method: "POST",
      headers: { "content-type": "application/cose" },
      body: new Uint8Array(providerEntry.sign(entry, context, signer, { chain })),
    });
    expect(answer.status).toBe(200);
    const line = { provider: "aurum", address: entry.address, sequence: "1", ends: entry.end };
    expect(lines(await list())).toMatchObject([{ entries: [line] }]);
    const help = await run("central-bank", "directory", "--help");
    expect([help.code, help.stdout]).toEqual([0, expect.stringContaining("Example:")]);
    const nobody = await run("central-bank", "directory", "--url", "http://127.0.0.1:1");
    expect(nobody.code).not.toBe(0);
  });

  it("does not read a directory for ever that goes round in a circle", async () => {
    const vectors = readFileSync(
      new URL("../../../vectors/provider-entries.json", import.meta.url),
    );
    const [first] = JSON.parse(vectors.toString()) as { given: { bytes: string } }[];
    const page = Buffer.concat(
      Array.from({ length: 256 }, () => fromHex(first?.given.bytes ?? "")),
    );
    const circle = createServer((_, response) => response.end(page));
    await new Promise<void>((listening) => circle.listen(0, "127.0.0.1", listening));
    const { port } = circle.address() as AddressInfo;
    const list = await net().run("central-bank", "directory", "--url", `http://127.0.0.1:${port}`);
    circle.close();
    expect([list.code, list.stdout + list.stderr]).toEqual([1, expect.stringContaining("circle")]);
  });

  it("says what is wrong with a command line, and has examples", async () => {
    for (const args of [
      ["central-bank", "order", "issue", "aurum", "-1", ...own()],
      ["central-bank", "order", "issue", "NOBODY!", "1", ...own()],
      ["central-bank", "order", "close-window", "0", ...own()],
      ["central-bank", "order", "open", "aurum", ...own()],
      ["central-bank", "serve"],
      ["audit", "--central-bank", "nowhere", "--provider", "nowhere"],
    ]) {
      expect((await net().run(...args)).code).toBe(2);
    }
    const away = ["--url", "http://127.0.0.1:1", "--key", operator, ...net().passphrase];
    const lost = await net().run("central-bank", "order", "suspend", "aurum", ...away);
    expect([lost.code, lost.stderr + lost.stdout]).toEqual([1, expect.stringContaining("moved")]);
    for (const group of [["central-bank", "order", "issue"], ["audit"]]) {
      const help = await net().run(...group, "--help");
      expect([help.code, help.stdout]).toEqual([0, expect.stringContaining("Example:")]);
    }
  });
});

describe("bezant audit", () => {
  it("puts the ledgers of the central bank and of the provider together", async () => {
    await net().wallet("audited", { online: "50.00", deposited: "20.00" });
    const ran = await audit();
    expect(ran.code).toBe(0);
    expect(lines(ran)[0]).toMatchObject({
      issuance: "90000",
      online: "3000",
      offline: "2000",
      free: "85000",
      losses: "0",
      balanced: true,
      findings: [],
      providers: [{ provider: "aurum", unreported: "2000", unposted: "0" }],
    });
  });

  it("names a provider that was not asked", async () => {
    expect((await order("open", "argent", "--limit", "1.00")).code).toBe(0);
    const ran = await audit();
    expect([ran.code, lines(ran)[0]]).toMatchObject([3, { missing: ["argent"], balanced: false }]);
  });

  it("names the row that was tampered with, and by how much it is off", async () => {
    const change = (by: number) =>
      asSuperuser(
        database,
        `UPDATE accounts SET balance = balance + ${by} WHERE kind = 'reserves' AND holder = 'aurum'`,
      );
    await change(7);
    const ran = await audit();
    expect(ran.code).toBe(1);
    expect(lines(ran)[0]).toMatchObject({
      findings: [{ holder: "", what: "the central bank's own ledger is off" }],
      centralBank: {
        balanced: false,
        tampered: [{ account: "reserves", holder: "aurum", off: "7" }],
      },
    });
    expect((await net().run("central-bank", "supply", ...own())).code).toBe(1);
    await change(-7);
    expect((await net().run("central-bank", "supply", ...own())).code).toBe(0);
  });
});
