import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { currency, institutionId, seconds, unwrap } from "@bezant/protocol";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { asyncNodeSigner, generatePrivateKey } from "../src/node/index.ts";
import {
  certifyTls,
  fromPem,
  memoryX509Register,
  parseUri,
  readRequest,
  requestTls,
  revocationList,
  toPem,
  uriOf,
  x509Authority,
  x509Intermediary,
  x509Root,
  type InstitutionName,
  type X509Authority,
} from "../src/x509/index.ts";
import {
  forge,
  machineTime,
  provider,
  subordinate,
  tlsIdentity,
  x509IntermediaryOf,
  x509RootOf,
} from "./support/institutions.ts";

const DAY = 86_400;
const now = machineTime();
let root: X509Authority;
let bank: X509Authority;

/** OpenSSL's own verdict on a chain; the machine has to have its command line. */
async function opensslVerify(
  anchor: X509Authority,
  certificates: string,
  ...options: readonly string[]
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bezant-x509-"));
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const roots = await file("root.pem", toPem("CERTIFICATE", anchor.certificate));
  const peer = await file("peer.pem", certificates);
  const args = ["verify", "-x509_strict", "-CAfile", roots, "-untrusted", peer, ...options, peer];
  return new Promise((resolve, reject) => {
    execFile("openssl", args, (error, stdout, stderr) => {
      if (error?.code === "ENOENT") reject(new Error("this test needs the openssl command line"));
      else resolve(`${stdout}${stderr}`);
    });
  });
}

beforeAll(async () => {
  root = await x509RootOf("root", "cb");
  bank = await x509IntermediaryOf(root, "bank");
  await subordinate(bank.authority, "provider", "aurum");
});

describe("the X.509 hierarchy", () => {
  it("makes chains that openssl verify accepts, as server and as client", async () => {
    const { certificate } = await tlsIdentity(bank, provider("aurum"), {
      hosts: { dns: ["ops.aurum.example"], ip: ["127.0.0.1", "::1"] },
    });
    for (const purpose of ["sslserver", "sslclient"]) {
      expect(await opensslVerify(root, certificate, "-purpose", purpose)).toContain("peer.pem: OK");
    }
    const names = ["-verify_hostname", "ops.aurum.example", "-verify_ip", "::1"];
    expect(await opensslVerify(root, certificate, ...names)).toContain("peer.pem: OK");
  });

  it("is refused by openssl verify under another root of the same name, and after its time", async () => {
    const { certificate } = await tlsIdentity(bank, provider("aurum"), { days: 30 });
    const other = await x509RootOf("root", "cb");
    expect(await opensslVerify(other, certificate)).not.toContain("OK");
    const later = ["-attime", String(now + 31 * DAY)];
    expect(await opensslVerify(root, certificate, ...later)).toContain("expired");
  });

  it("says who the institution is, how it may sign, and which key that is", async () => {
    const { der } = await tlsIdentity(bank, provider("aurum"), { days: 9999 });
    const leaf = new X509Certificate(der);
    const issuer = new X509Certificate(bank.certificate);
    expect(leaf.subjectAltName).toBe("URI:bezant://aurum.provider.eur");
    expect(leaf.ca).toBe(false);
    expect(issuer.ca).toBe(true);
    expect(leaf.checkIssued(issuer)).toBe(true);
    expect(leaf.verify(issuer.publicKey)).toBe(true);
    expect(leaf.validToDate.getTime() / 1000).toBe(bank.authority.claims.exp);
  });

  it("holds an issuer to its roles and its currency by name constraints", async () => {
    for (const name of [
      { ...provider("aurum"), currency: currency("USD") },
      { ...provider("aurum"), role: "central-bank" as const },
    ]) {
      const certificates = toPem("CERTIFICATE", (await forge(bank, name)).der, bank.certificate);
      expect(await opensslVerify(root, certificates)).toContain("permitted subtree violation");
    }
    const sound = await forge(bank, provider("aurum"));
    const certificates = toPem("CERTIFICATE", sound.der, bank.certificate);
    expect(await opensslVerify(root, certificates)).toContain("OK");
  });

  it("lets nobody below an intermediary certify", async () => {
    const { key, der } = await tlsIdentity(bank, provider("aurum"));
    expect(key).toContain("PRIVATE KEY");
    const signer = asyncNodeSigner(generatePrivateKey());
    const leafAsIssuer = { ...bank, authority: { ...bank.authority, signer } };
    const below = await tlsIdentity(leafAsIssuer, provider("aurum"));
    const certificates = toPem("CERTIFICATE", below.der, der, bank.certificate);
    expect(await opensslVerify(root, certificates)).not.toContain("OK");
  });

  it("certifies a manufacturer under its own root, by no other name", async () => {
    const oem = await x509RootOf("oem-root", "oem");
    const name: InstitutionName = { id: institutionId("oem"), role: "manufacturer" };
    const { certificate } = await tlsIdentity(oem, name);
    expect(await opensslVerify(oem, certificate)).toContain("peer.pem: OK");
    const request = await requestTls(
      { id: institutionId("other"), role: "manufacturer" },
      asyncNodeSigner(generatePrivateKey()),
    );
    const refused = await certifyTls(oem, request, { now, days: 1 });
    expect(refused).toMatchObject({ error: { code: "not-certified" } });
  });

  it("takes certificates back in a list that openssl verify heeds", async () => {
    const issuer = await x509IntermediaryOf(root, "bank-2");
    await subordinate(issuer.authority, "provider", "aurum");
    const kept = await tlsIdentity(issuer, provider("aurum"));
    const lost = await tlsIdentity(issuer, provider("aurum"));
    const serial = new X509Certificate(lost.der).serialNumber.toLowerCase();
    await issuer.register.revoke({ serial, at: now });
    await issuer.register.revoke({ serial, at: now });
    const lists = toPem(
      "X509 CRL",
      await revocationList(issuer, { now, days: 7 }),
      await revocationList(root, { now, days: 7 }),
    );
    const file = join(await mkdtemp(join(tmpdir(), "bezant-crl-")), "lists.pem");
    await writeFile(file, lists);
    const options = ["-crl_check_all", "-CRLfile", file];
    expect(await opensslVerify(root, kept.certificate, ...options)).toContain("peer.pem: OK");
    expect(await opensslVerify(root, lost.certificate, ...options)).toContain("revoked");
    const later = ["-attime", String(now + 8 * DAY)];
    expect(await opensslVerify(root, kept.certificate, ...options, ...later)).toContain(
      "CRL has expired",
    );
  });
});

describe("certifying a TLS key", () => {
  const ask = (name: InstitutionName) => requestTls(name, asyncNodeSigner(generatePrivateKey()));

  it.each<[string, InstitutionName, () => X509Authority, string]>([
    ["a provider that it has not certified", provider("argent"), () => bank, "not-certified"],
    ["a provider, at the root", provider("aurum"), () => root, "wrong-role"],
    [
      "another currency",
      { ...provider("aurum"), currency: currency("USD") },
      () => bank,
      "wrong-currency",
    ],
    [
      "an intermediary, at an intermediary",
      { ...provider("bank"), role: "intermediary" },
      () => bank,
      "wrong-role",
    ],
    [
      "an intermediary unknown to the root",
      { ...provider("no"), role: "intermediary" },
      () => root,
      "not-certified",
    ],
  ])("refuses %s", async (_what, name, issuer, code) => {
    const refused = await certifyTls(issuer(), await ask(name), { now, days: 1 });
    expect(refused).toMatchObject({ error: { code } });
  });

  it("refuses a provider whose own certificate has ended", async () => {
    const issuer = await x509IntermediaryOf(root, "bank-3");
    const entry = (await bank.authority.register.entries())[0]!;
    await issuer.authority.register.append({
      ...entry,
      claims: { ...entry.claims, exp: seconds(now - 1) },
    });
    const refused = await certifyTls(issuer, await ask(provider("aurum")), { now, days: 1 });
    expect(refused).toMatchObject({ error: { code: "not-certified" } });
  });

  it("refuses a request whose key its maker does not hold", async () => {
    const { publicKey } = asyncNodeSigner(generatePrivateKey());
    const thief = { publicKey, sign: asyncNodeSigner(generatePrivateKey()).sign };
    const request = await requestTls(provider("aurum"), thief);
    expect(await certifyTls(bank, request, { now, days: 1 })).toMatchObject({
      error: { code: "bad-signature" },
    });
  });

  it("reads any bytes without a crash, and refuses what is no request", () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => !readRequest(bytes).ok));
  });

  it("certifies nothing else than was asked for, whichever bytes of a request are changed", async () => {
    const request = await ask(provider("aurum"));
    const asked = new X509Certificate(unwrap(await certifyTls(bank, request, { now, days: 1 })));
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.nat(request.length - 1),
        fc.integer({ min: 1, max: 255 }),
        async (at, by) => {
          const changed = request.slice();
          changed[at] = (changed[at] as number) ^ by;
          const certified = await certifyTls(bank, changed, { now, days: 1 });
          if (!certified.ok) refused += 1;
          else {
            // Only the frame around what was signed may differ.
            const { subjectAltName, publicKey } = new X509Certificate(certified.value);
            expect(subjectAltName).toBe(asked.subjectAltName);
            expect(publicKey.equals(asked.publicKey)).toBe(true);
          }
        },
      ),
    );
    expect(refused).toBeGreaterThan(50);
  });

  it("makes an intermediary's CA certificate only for what the root has certified itself", async () => {
    const stranger = await subordinate(
      (await x509RootOf("root", "cb")).authority,
      "intermediary",
      "bank",
    );
    expect(await x509Intermediary(root, stranger.certificate, now)).toMatchObject({
      error: { code: "not-certified" },
    });
    const aurum = await subordinate(bank.authority, "provider", "argent");
    expect(await x509Intermediary(bank, aurum.certificate, now)).toMatchObject({
      error: { code: "wrong-role" },
    });
  });

  it("does not open with a certificate for another key", async () => {
    const other = await x509Root((await x509RootOf("root", "cb")).authority);
    expect(() => x509Authority(root.authority, other, memoryX509Register())).toThrow("another");
  });
});

describe("an institution's URI", () => {
  it("reads back what was written", () => {
    const id = fc.stringMatching(/^[a-z0-9-]{1,8}$/).map(institutionId);
    const money = fc.stringMatching(/^[A-Z]{3}$/).map(currency);
    const role = fc.constantFrom("central-bank", "intermediary", "provider");
    fc.assert(
      fc.property(id, role, money, (one, as, unit) => {
        const name = { id: one, role: as, currency: unit } as InstitutionName;
        expect(parseUri(uriOf(name))).toEqual({ ok: true, value: name });
      }),
    );
  });

  it.each([
    "",
    "https://aurum.provider.eur",
    "bezant://aurum.provider",
    "bezant://aurum.provider.EUR",
    "bezant://aurum.provider.eur.eur",
    "bezant://aurum.provider.eur/",
    "bezant://aurum.provider.eur:443",
    "bezant://AURUM.provider.eur",
    "bezant://aurum.wallet.eur",
    "bezant://oem.manufacturer.eur",
    "bezant://.provider.eur",
    "bezant://a b.provider.eur",
  ])("is not %s", (text) => {
    expect(parseUri(text).ok).toBe(false);
  });

  it("is found in PEM text among other blocks, and nowhere else", () => {
    const pem = toPem("CERTIFICATE", Uint8Array.of(1, 2, 3), new Uint8Array(100));
    expect(unwrap(fromPem("CERTIFICATE", `noise\n${pem}`))).toHaveLength(2);
    expect(fromPem("X509 CRL", pem).ok).toBe(false);
  });
});
