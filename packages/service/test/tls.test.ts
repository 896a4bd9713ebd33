import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { asyncNodeSigner, generatePrivateKey, writeKey } from "@bezant/pki/node";
import { institutionClient, writeTlsCertificates } from "@bezant/pki/tls";
import {
  certifyTls,
  memoryX509Register,
  requestTls,
  toPem,
  x509Authority,
  x509Intermediary,
  type InstitutionName,
  type X509Authority,
} from "@bezant/pki/x509";
import { currency, institutionId, ok, unwrap } from "@bezant/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createApp, DEFAULT_HTTP, type App } from "../src/http/index.ts";
import {
  loadTls,
  machineClock,
  tlsPaths,
  Unloadable,
  type TlsConfig,
} from "../src/server/index.ts";
import { temporaryFolder } from "./support/folder.ts";
import { below, rooted } from "./support/tls.ts";

const EUR = currency("EUR");
const PASSPHRASE = "correct horse";
const CB: InstitutionName = { id: institutionId("cb"), role: "central-bank", currency: EUR };
const AURUM: InstitutionName = { id: institutionId("aurum"), role: "provider", currency: EUR };
const BANK: InstitutionName = { id: institutionId("bank"), role: "intermediary", currency: EUR };
const environment = { BEZANT_PASSPHRASE: PASSPHRASE };
let folder: string;
let app: App;
let url: string;

beforeAll(async () => {
  folder = temporaryFolder();
  const root = await rootOf();
  const bank = await bankUnder(root);
  writeFileSync(join(folder, "root.pem"), toPem("CERTIFICATE", root.certificate));
  await identify("cb", CB, root);
  await identify("aurum", AURUM, bank);
  await identify("bank", BANK, root);
  const other = await rootOf();
  await identify("stranger", CB, other);
  const tls = await loadTls(settingsOf("cb"), undefined, environment);
  app = await createApp(
    {
      openapi: { openapi: { openapi: "3.1.0", info: { title: "t", version: "1" } } },
      addRoutes: (to) => to.get("/hello", () => ({ hello: true })),
      db: { connections: () => ({ open: 0, idle: 0, waiting: 0 }) },
      ready: () => Promise.resolve(ok(undefined)),
    },
    { ...DEFAULT_HTTP, tls: { ...tls, admits: ["provider"] } },
  );
  url = await app.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(() => app.close());

test("an institution of an admitted role is served, over https alone", async () => {
  expect(url).toMatch(/^https:/);
  expect(await ask("aurum")).toEqual({ hello: true });
});

test("another role, another root and nobody at all are refused", async () => {
  for (const name of ["bank", "stranger"]) await expect(ask(name)).rejects.toThrow();
  await expect(fetch(`${url}/hello`)).rejects.toThrow();
  await expect(fetch(`${url.replace("https", "http")}/hello`)).rejects.toThrow();
  // The server has not minded.
  expect(await ask("aurum")).toEqual({ hello: true });
});

test("a configuration that names nothing usable says what is wrong", async () => {
  const good = settingsOf("aurum");
  const bad = (change: Partial<TlsConfig>, env: object = environment) =>
    loadTls({ ...good, ...change }, undefined, env as typeof environment);
  await expect(bad({ identity: join(folder, "nowhere") })).rejects.toThrow(Unloadable);
  await expect(bad({ roots: [join(folder, "none.pem")] })).rejects.toThrow(/none\.pem: ENOENT/);
  await expect(bad({}, { BEZANT_PASSPHRASE: "wrong" })).rejects.toThrow(Unloadable);
  expect(
    tlsPaths({ identity: "a", roots: ["b"], revocationLists: ["c"] }, (it) => `/${it}`),
  ).toEqual({ identity: "/a", roots: ["/b"], revocationLists: ["/c"] });
});

async function ask(name: string): Promise<unknown> {
  const settings = await loadTls(settingsOf(name), undefined, environment);
  const client = institutionClient(CB, () => settings);
  try {
    return await (await client.fetch(`${url}/hello`)).json();
  } finally {
    await client.close();
  }
}

function settingsOf(name: string): TlsConfig {
  return { identity: join(folder, name), roots: [join(folder, "root.pem")] };
}

async function rootOf(): Promise<X509Authority> {
  const root = await rooted({ role: "root", id: CB.id, currency: EUR });
  await below(root.authority, "central-bank", CB.id);
  return root;
}

async function bankUnder(root: X509Authority): Promise<X509Authority> {
  const own = await below(root.authority, "intermediary", BANK.id);
  const certificate = unwrap(await x509Intermediary(root, own.certificate, machineClock.now()));
  const bank = x509Authority(own, certificate, memoryX509Register());
  await below(own, "provider", AURUM.id);
  return bank;
}

async function identify(name: string, who: InstitutionName, issuer: X509Authority): Promise<void> {
  const key = generatePrivateKey();
  const place = join(folder, name);
  mkdirSync(join(folder), { recursive: true });
  unwrap(await writeKey(place, key, PASSPHRASE, "random"));
  const request = await requestTls(who, asyncNodeSigner(key), {});
  const terms = { now: machineClock.now(), days: 30 };
  const certificate = unwrap(await certifyTls(issuer, request, terms));
  const above = issuer.authority.claims.role === "intermediary" ? [issuer.certificate] : [];
  await writeTlsCertificates(place, [certificate, ...above]);
}
