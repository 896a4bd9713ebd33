import { appendFile, mkdtemp, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { currency, institutionId, seconds, unwrap, type Claims } from "@bezant/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { issue, selfSign, validityWithin } from "../src/index.ts";
import {
  asyncNodeSigner,
  decryptKey,
  encryptKey,
  exportPrivateKey,
  fileRegister,
  generatePrivateKey,
  nodeSigner,
  openAuthority,
  parseEncryptedKey,
  publicKeyOf,
  readKey,
  writeCertificate,
  writeKey,
} from "../src/node/index.ts";

const now = seconds(1_800_000_000);

function folder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "bezant-pki-"));
}

describe("a key at rest", () => {
  it("opens with its passphrase and no other", () => {
    const key = generatePrivateKey();
    const file = encryptKey(key, "correct horse", "random");
    const opened = unwrap(decryptKey(file, "correct horse"));
    expect(exportPrivateKey(opened)).toEqual(exportPrivateKey(key));
    expect(decryptKey(file, "correct horsf")).toEqual({ ok: false, error: "wrong-passphrase" });
  });

  it("is refused when any part of the file was changed", () => {
    const file = encryptKey(generatePrivateKey(), "p", "random");
    const other = encryptKey(generatePrivateKey(), "p", "random");
    for (const field of ["publicKey", "salt", "nonce", "ciphertext"] as const) {
      const changed = { ...file, [field]: other[field] };
      expect(decryptKey(changed, "p")).toEqual({ ok: false, error: "wrong-passphrase" });
    }
  });

  it("never shows the key, and costs as much as was said", async () => {
    const key = generatePrivateKey();
    const at = await folder();
    await writeKey(join(at, "ca"), key, "p");
    const text = await readFile(join(at, "ca", "key.json"), "utf8");
    expect(text).not.toContain(Buffer.from(exportPrivateKey(key)).toString("hex").slice(64, 128));
    expect(unwrap(parseEncryptedKey(text)).scrypt).toEqual({ N: 131_072, r: 8, p: 1 });
    expect((await stat(join(at, "ca", "key.json"))).mode & 0o777).toBe(0o600);
    expect((await stat(join(at, "ca"))).mode & 0o777).toBe(0o700);
  });

  it("refuses text that is no key file, also one that would cost too much to open", () => {
    const file = encryptKey(generatePrivateKey(), "p", "random");
    const greedy = JSON.stringify({ ...file, scrypt: { N: 2 ** 30, r: 8, p: 1 } });
    const costless = JSON.stringify({ ...file, scrypt: null });
    const salted = JSON.stringify({ ...file, salt: "zz" });
    for (const text of ["", "null", "[]", "{}", greedy, costless, salted]) {
      expect(parseEncryptedKey(text)).toEqual({ ok: false, error: "key-file-malformed" });
    }
    fc.assert(fc.property(fc.json(), (text) => !parseEncryptedKey(text).ok));
  });
});

describe("an authority's folder", () => {
  it("opens what was written, with its register, after a restart", async () => {
    const at = join(await folder(), "root");
    const key = generatePrivateKey();
    unwrap(await writeKey(at, key, "p"));
    const signer = asyncNodeSigner(key);
    const id = institutionId("cb");
    const validity = unwrap(validityWithin(undefined, now, 10));
    const claims = { role: "root", id, currency: currency("EUR") } as const;
    await writeCertificate(at, await selfSign(claims, validity, signer));

    const first = unwrap(await openAuthority(at, "p"));
    const subject: Claims = {
      ...first.claims,
      role: "intermediary",
      iss: id,
      sub: institutionId("bank"),
      currency: currency("EUR"),
      key: nodeSigner(generatePrivateKey()).publicKey.compressed,
    };
    const certificate = await issue(first, subject, now);
    const second = unwrap(await openAuthority(at, "p"));
    expect(await second.register.entries()).toEqual([{ certificate, claims: subject, at: now }]);
    expect(await openAuthority(at, "q")).toEqual({ ok: false, error: "wrong-passphrase" });
    expect(await openAuthority(`${at}-2`, "p")).toEqual({ ok: false, error: "no-such-authority" });
  });

  it("never overwrites a key", async () => {
    const at = await folder();
    const key = generatePrivateKey();
    unwrap(await writeKey(at, key, "p"));
    expect(await writeKey(at, generatePrivateKey(), "p")).toEqual({
      ok: false,
      error: "already-exists",
    });
    expect(publicKeyOf(unwrap(await readKey(at, "p"))).compressed).toBe(
      publicKeyOf(key).compressed,
    );
  });

  it("drops the torn line of a crash from the register, and reports a damaged one", async () => {
    const at = await folder();
    const register = fileRegister(at);
    const signer = asyncNodeSigner(generatePrivateKey());
    const validity = unwrap(validityWithin(undefined, now, 10));
    const oem = { role: "oem-root", id: institutionId("oem") } as const;
    const certificate = await selfSign(oem, validity, signer);
    const claims: Claims = {
      ...validity,
      role: "oem-root",
      iss: oem.id,
      sub: oem.id,
      key: signer.publicKey.compressed,
      serial: 1,
    };
    const entry = { certificate, claims, at: now };
    await register.append(entry);
    await appendFile(join(at, "issued.jsonl"), '{"at":18000');
    expect(await register.entries()).toEqual([entry]);
    await register.append(entry);
    expect(await register.entries()).toEqual([entry, entry]);
    await writeFile(join(at, "issued.jsonl"), '{"at":1}\n');
    await expect(register.entries()).rejects.toThrow("damaged");
  });
});
