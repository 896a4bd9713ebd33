import { execFile } from "node:child_process";
import { mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { bezant, lines, type Ran } from "./support/bezant.ts";

const env = { BEZANT_PASSPHRASE: "a passphrase of the ceremony" };
let cwd: string;

function ca(...args: string[]): Promise<Ran> {
  return bezant(["--json", "ca", ...args], { cwd, env });
}

/** OpenSSL's command line, which the machine has to have. */
function openssl(...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile("openssl", args, { cwd }, (error, stdout, stderr) => {
      if (error?.code === "ENOENT") reject(new Error("this test needs the openssl command line"));
      else resolve(`${stdout}${stderr}`);
    });
  });
}

async function certified(dir: string, role: string, issuer: string, from: string): Promise<Ran> {
  await ca(
    "init",
    "--dir",
    dir,
    "--role",
    role,
    "--id",
    dir,
    "--currency",
    "EUR",
    "--issuer",
    issuer,
    "--out",
    `${dir}.req`,
  );
  const signed = await ca("sign", "--dir", from, "--request", `${dir}.req`, "--out", `${dir}.crt`);
  if (signed.code === 0) await ca("install", "--dir", dir, "--certificate", `${dir}.crt`);
  return signed;
}

describe("bezant ca", () => {
  beforeAll(async () => {
    cwd = await mkdtemp(join(tmpdir(), "bezant-ca-"));
    await ca("root", "--dir", "cb", "--id", "cb", "--currency", "EUR");
    await certified("bank", "intermediary", "cb", "cb");
    await certified("aurum", "provider", "bank", "bank");
  }, 300_000);

  it("makes a chain of three tiers that verifies up to the root", async () => {
    const verified = await ca(
      "verify",
      "--root",
      "cb/certificate.hex",
      "--intermediary",
      "bank.crt",
      "--provider",
      "aurum.crt",
    );
    expect(verified).toMatchObject({ code: 0, stderr: "" });
    expect(lines(verified)).toMatchObject([
      { valid: true, role: "provider", sub: "aurum", iss: "bank", currency: "EUR", serial: 1 },
    ]);
  });

  it("refuses a chain under another root, and says why", async () => {
    await ca("root", "--dir", "other", "--id", "cb", "--currency", "EUR");
    const refused = await ca(
      "verify",
      "--root",
      "other/certificate.hex",
      "--intermediary",
      "bank.crt",
      "--provider",
      "aurum.crt",
    );
    expect(refused.code).toBe(1);
    expect(lines(refused)).toMatchObject([{ refused: "unknown-issuer", state: "nothing-moved" }]);
  });

  it("lets no tier certify what is not directly below it", async () => {
    const refused = await certified("argent", "provider", "cb", "cb");
    expect(refused.code).toBe(1);
    expect(lines(refused)).toMatchObject([{ refused: "wrong-role" }]);
    expect(await readdir(cwd)).not.toContain("argent.crt");
  });

  it("lists what an authority issued", async () => {
    expect(lines(await ca("list", "--dir", "bank"))).toMatchObject([
      { role: "provider", sub: "aurum", serial: 1 },
    ]);
  });

  it("never overwrites a key or a certificate", async () => {
    const again = await ca("root", "--dir", "cb", "--id", "cb", "--currency", "EUR");
    expect(again.code).toBe(1);
    const over = await ca("sign", "--dir", "cb", "--request", "bank.req", "--out", "bank.crt");
    expect(over.code).toBe(1);
  });

  it("does not open a key with another passphrase", async () => {
    const refused = await bezant(
      ["ca", "sign", "--dir", "cb", "--request", "bank.req", "--out", "x.crt"],
      { cwd, env: { BEZANT_PASSPHRASE: "another" } },
    );
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain("does not open the key");
  });

  it("certifies devices under a manufacturer's root only", async () => {
    const key = "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296";
    await ca("root", "--dir", "oem", "--id", "oem", "--oem");
    const made = await ca("device", "--dir", "oem", "--key", key, "--out", "device.crt");
    expect(lines(made)).toMatchObject([{ publicKey: key, securityLevel: 1 }]);
    expect(lines(await ca("show", "device.crt"))).toMatchObject([{ role: "device", iss: "oem" }]);
    const refused = await ca("device", "--dir", "cb", "--key", key, "--out", "no.crt");
    expect(lines(refused)).toMatchObject([{ refused: "wrong-role" }]);
  });

  it("certifies TLS keys under the same authorities, and openssl verify accepts them", async () => {
    await ca("x509", "--dir", "cb", "--certificate", "bank.crt", "--out", "bank.pem");
    const bank = ["--dir", "bank", "--certificate", "bank.crt", "--x509", "bank.pem"];
    expect((await ca("install", ...bank)).code).toBe(0);
    const aurum = ["--role", "provider", "--id", "aurum", "--currency", "EUR"];
    const hosts = ["--dns", "ops.aurum.example", "--ip", "127.0.0.1"];
    const asked = await ca("tls-request", "--dir", "tls", ...aurum, ...hosts, "--out", "tls.csr");
    expect(lines(asked)).toMatchObject([{ uri: "bezant://aurum.provider.eur" }]);
    await ca("tls-sign", "--dir", "bank", "--request", "tls.csr", "--out", "tls.pem");
    const installed = await ca("tls-install", "--dir", "tls", "--certificate", "tls.pem");
    expect(lines(installed)).toMatchObject([{ certificates: 2 }]);
    const verify = ["-CAfile", "cb/ca.pem", "-untrusted", "tls.pem", "tls.pem"];
    expect(await openssl("verify", "-x509_strict", ...verify)).toContain("tls.pem: OK");

    await ca("root", "--dir", "cb-2", "--id", "cb", "--currency", "EUR");
    const under = await ca("tls-sign", "--dir", "cb-2", "--request", "tls.csr", "--out", "no.pem");
    expect(lines(under)).toMatchObject([{ refused: "wrong-role" }]);
    const other = await ca("tls-install", "--dir", "tls", "--certificate", "bank.pem");
    expect(lines(other)).toMatchObject([{ refused: "wrong-key" }]);
    const wrong = ["--dir", "bank", "--certificate", "bank.crt", "--x509", "tls.pem"];
    expect(lines(await ca("install", ...wrong))).toMatchObject([{ refused: "wrong-key" }]);

    const revoked = await ca("revoke", "--dir", "bank", "--tls", "tls.pem");
    expect(lines(revoked)).toMatchObject([{ keys: [], tls: [expect.any(String)] }]);
    for (const dir of ["cb", "bank"]) await ca("crl", "--dir", dir, "--out", `${dir}.crl`);
    const lists = ["-crl_check_all", "-CRLfile", "cb.crl", "-CRLfile", "bank.crl"];
    expect(await openssl("verify", ...lists, ...verify)).toContain("certificate revoked");
  }, 300_000);

  it("gives an id a second key only where the issuer says that it is a rollover", async () => {
    const request = ["--role", "provider", "--id", "aurum", "--currency", "EUR"];
    const to = ["--issuer", "bank", "--out", "aurum-2.req"];
    await ca("init", "--dir", "aurum-2", ...request, ...to);
    const sign = ["sign", "--dir", "bank", "--request", "aurum-2.req", "--out", "aurum-2.crt"];
    expect(lines(await ca(...sign))).toMatchObject([{ refused: "id-taken" }]);
    expect(lines(await ca(...sign, "--rollover"))).toMatchObject([{ sub: "aurum", serial: 2 }]);
    const audited = await ca("audit", "--dir", "cb", "--register", "bank/issued.jsonl");
    expect(audited.code).toBe(0);
    expect(lines(audited)).toMatchObject([{ kind: "second-key", id: "aurum" }, { ok: true }]);
  }, 300_000);

  it("revokes an institution in numbered, signed lists, and never certifies its key again", async () => {
    await certified("copper", "provider", "bank", "bank");
    const at = "2026-01-01T00:00:00Z";
    const revoked = await ca("revoke", "--dir", "bank", "--id", "copper", "--since", at);
    expect(lines(revoked)).toMatchObject([{ keys: [expect.any(String)], since: 1_767_225_600 }]);
    for (const [sequence, out] of [
      ["1", "bank-1.status"],
      ["2", "bank-2.status"],
    ] as const) {
      const listed = lines(await ca("status-list", "--dir", "bank", "--out", out));
      expect(listed).toMatchObject([{ sequence, revoked: [{ since: 1_767_225_600 }] }]);
    }
    const again = ["sign", "--dir", "bank", "--request", "copper.req", "--out", "copper-2.crt"];
    expect(lines(await ca(...again, "--rollover"))).toMatchObject([{ refused: "key-revoked" }]);
    const nobody = await ca("revoke", "--dir", "bank", "--id", "nobody");
    expect(lines(nobody)).toMatchObject([{ refused: "not-certified" }]);
  }, 300_000);

  it("shows the root that two intermediaries certified one id", async () => {
    await certified("silver", "intermediary", "cb", "cb");
    const request = ["--role", "provider", "--id", "aurum", "--currency", "EUR"];
    await ca("init", "--dir", "twin", ...request, "--issuer", "silver", "--out", "twin.req");
    await ca("sign", "--dir", "silver", "--request", "twin.req", "--out", "twin.crt");
    const registers = ["bank", "silver"].flatMap((dir) => ["--register", `${dir}/issued.jsonl`]);
    const audited = await ca("audit", "--dir", "cb", ...registers);
    expect(audited.code).toBe(1);
    expect(lines(audited)).toContainEqual({
      kind: "id-certified-twice",
      id: "aurum",
      issuers: ["bank", "silver"],
    });
    const seen = await ca("audit", "--dir", "cb", "--seen", "twin.crt");
    expect(lines(seen)).toContainEqual(
      expect.objectContaining({ kind: "not-registered", id: "aurum" }),
    );
    expect((await ca("audit", "--dir", "cb", "--register", "twin.crt")).code).toBe(1);
  }, 300_000);

  it.each([
    ["no command", []],
    ["an unknown one", ["mint"]],
    ["a bad id", ["root", "--dir", "x", "--id", "CB!", "--currency", "EUR"]],
    ["a bad currency", ["root", "--dir", "x", "--id", "cb", "--currency", "euro"]],
    ["no currency", ["root", "--dir", "x", "--id", "cb"]],
    ["bad days", ["root", "--dir", "x", "--id", "cb", "--currency", "EUR", "--days", "-1"]],
    ["a missing file", ["show", "nothing-here"]],
    ["a bad host", ["tls-request", "--dns", "a b"]],
    ["a bad address", ["tls-request", "--ip", "256.1.1.1"]],
    ["a bad time", ["revoke", "--dir", "bank", "--id", "aurum", "--since", "yesterday"]],
    [
      "a time to come",
      ["revoke", "--dir", "bank", "--id", "aurum", "--since", "2099-01-01T00:00:00Z"],
    ],
    ["a bad key id", ["revoke", "--dir", "bank", "--key-id", "12"]],
    ["nobody to revoke", ["revoke", "--dir", "bank"]],
    ["two to revoke", ["revoke", "--dir", "bank", "--id", "aurum", "--tls", "tls.pem"]],
    ["a missing register", ["audit", "--dir", "cb", "--register", "nothing-here"]],
    ["a bad key", ["device", "--dir", "oem", "--key", "00", "--out", "y"]],
  ])("answers %s as a mistake in usage, with status 2", async (_what, args) => {
    expect((await ca(...args)).code).toBe(2);
    expect(await readdir(cwd)).not.toContain("x");
  });

  it("refuses files that hold no message", async () => {
    for (const [name, text] of [
      ["empty", ""],
      ["text", "hello"],
      ["noise", "83010203"],
    ] as const) {
      await writeFile(join(cwd, name), text);
      expect((await ca("show", name)).code).toBe(1);
      const out = ["--out", "never.pem"];
      expect((await ca("tls-sign", "--dir", "bank", "--request", name, ...out)).code).toBe(1);
      expect((await ca("tls-install", "--dir", "tls", "--certificate", name)).code).toBe(1);
    }
  });
});
