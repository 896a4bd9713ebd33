import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { asyncNodeSigner, generatePrivateKey, writeKey } from "@bezant/pki/node";
import { institutionClient, writeTlsCertificates } from "@bezant/pki/tls";
import {
  certifyTls,
  memoryX509Register,
  requestTls,
  revocationList,
  revokeTls,
  toPem,
  x509Authority,
  x509Intermediary,
  type InstitutionName,
  type X509Authority,
} from "@bezant/pki/x509";
import { currency, institutionId, ok, unwrap } from "@bezant/protocol";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createApp, DEFAULT_HTTP, type App, type HttpOptions } from "../src/http/index.ts";
import {
  asNow,
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
let root: X509Authority;
let bank: X509Authority;

beforeAll(async () => {
  folder = temporaryFolder();
  root = await rootOf();
  bank = await bankUnder(root);
  writeFileSync(join(folder, "root.pem"), toPem("CERTIFICATE", root.certificate));
  await identify("cb", CB, root);
  await identify("aurum", AURUM, bank);
  await identify("bank", BANK, root);
  const other = await rootOf();
  await identify("stranger", CB, other);
  const tls = await loadTls(settingsOf("cb"), undefined, environment);
  app = await serve({ ...tls, admits: ["provider"] });
  url = await app.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(() => app.close());

function serve(tls: HttpOptions["tls"], log?: HttpOptions["log"]): Promise<App> {
  return createApp(
    {
      openapi: { openapi: { openapi: "3.1.0", info: { title: "t", version: "1" } } },
      addRoutes: (to) => to.get("/hello", () => ({ hello: true })),
      db: { connections: () => ({ open: 0, idle: 0, waiting: 0 }) },
      ready: () => Promise.resolve(ok(undefined)),
    },
    { ...DEFAULT_HTTP, tls, log },
  );
}

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

/** As the issuer's tool puts it in the place of the old one. */
async function writeList(issuer: X509Authority, file: string): Promise<void> {
  const terms = { now: machineClock.now(), days: 1 };
  writeFileSync(file, toPem("X509 CRL", await revocationList(issuer, terms)));
}

test("a server looks every minute, without being told", async () => {
  const own = await bankUnder(root, "bank-2", "boreal");
  await identify("boreal", { ...AURUM, id: institutionId("boreal") }, own);
  const lists = ["root-2.crl", "own.crl"].map((name) => join(folder, name));
  await writeList(root, lists[0]!);
  await writeList(own, lists[1]!);
  const settings = { ...settingsOf("cb"), revocationLists: lists };
  const tls = await loadTls(settings, undefined, environment);
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const listed = await serve({ ...tls, admits: ["provider"] });
  try {
    const at = await listed.listen({ host: "127.0.0.1", port: 0 });
    expect(await ask("boreal", at)).toEqual({ hello: true });
    expect(await revokeTls(own.register, institutionId("boreal"), machineClock.now())).toHaveLength(
      1,
    );
    await writeList(own, lists[1]!);
    vi.advanceTimersByTime(59_000);
    expect(await ask("boreal", at)).toEqual({ hello: true });
    vi.advanceTimersByTime(1000);
    await expect(ask("boreal", at)).rejects.toThrow();
  } finally {
    await listed.close();
    vi.useRealTimers();
  }
});

test("a revocation list that is replaced counts from the next connection on, a broken one does not, nor does it need a restart", async () => {
  const lists = ["root.crl", "bank.crl"].map((name) => join(folder, name));
  await writeList(root, lists[0]!);
  await writeList(bank, lists[1]!);
  const logged: string[] = [];
  const stream = { write: (line: string) => void logged.push(line) };
  const tls = await loadTls(
    { ...settingsOf("cb"), revocationLists: lists },
    undefined,
    environment,
  );
  const listed = await serve({ ...tls, admits: ["provider"] }, { level: "info", stream });
  const at = await listed.listen({ host: "127.0.0.1", port: 0 });
  const settings = await loadTls(settingsOf("aurum"), undefined, environment);
  const kept = institutionClient(CB, asNow(settings));
  const keptAsks = async () => (await kept.fetch(`${at}/hello`)).json();
  try {
    expect(await keptAsks()).toEqual({ hello: true });
    writeFileSync(lists[1]!, "-----BEGIN X509 CRL-----\nhalf of it");
    process.emit("SIGHUP");
    expect(await ask("aurum", at)).toEqual({ hello: true });
    expect(logged.join("")).toContain("what was read before counts");
    expect(await revokeTls(bank.register, AURUM.id, machineClock.now())).toHaveLength(1);
    await writeList(bank, lists[1]!);
    process.emit("SIGHUP");
    await expect(ask("aurum", at)).rejects.toThrow();
    // Nor does it go on over the connection that it had.
    await expect(keptAsks()).rejects.toThrow();
    expect(await ask("aurum")).toEqual({ hello: true });
  } finally {
    await kept.close();
    await listed.close();
  }
  expect(process.listenerCount("SIGHUP")).toBe(1);
});

async function ask(name: string, at = url): Promise<unknown> {
  const settings = await loadTls(settingsOf(name), undefined, environment);
  const client = institutionClient(CB, () => settings);
  try {
    return await (await client.fetch(`${at}/hello`)).json();
  } finally {
    await client.close();
  }
}

function settingsOf(name: string): TlsConfig {
  return { identity: join(folder, name), roots: [join(folder, "root.pem")] };
}

async function rootOf(): Promise<X509Authority> {
  const made = await rooted({ role: "root", id: CB.id, currency: EUR });
  await below(made.authority, "central-bank", CB.id);
  return made;
}

async function bankUnder(
  issuer: X509Authority,
  id: string = BANK.id,
  provider: string = AURUM.id,
): Promise<X509Authority> {
  const own = await below(issuer.authority, "intermediary", id);
  const certificate = unwrap(await x509Intermediary(issuer, own.certificate, machineClock.now()));
  await below(own, "provider", provider);
  return x509Authority(own, certificate, memoryX509Register());
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
