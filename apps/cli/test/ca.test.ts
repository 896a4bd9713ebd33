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
  }, 60_000);

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

  it.each([
    ["no command", []],
    ["an unknown one", ["mint"]],
    ["a bad id", ["root", "--dir", "x", "--id", "CB!", "--currency", "EUR"]],
    ["a bad currency", ["root", "--dir", "x", "--id", "cb", "--currency", "euro"]],
    ["no currency", ["root", "--dir", "x", "--id", "cb"]],
    ["bad days", ["root", "--dir", "x", "--id", "cb", "--currency", "EUR", "--days", "-1"]],
    ["a missing file", ["show", "nothing-here"]],
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
    }
  });
});
