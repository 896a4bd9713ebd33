import { readdirSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { bezant, lines, type Ran } from "./support/bezant.ts";
import { helpOfAll } from "./support/help.ts";
import { temporaryFolder } from "@bezant/service/testing";

let cwd: string;

function run(args: readonly string[]): Promise<Ran> {
  return bezant(args, { cwd, env: { BEZANT_PASSPHRASE: "x" } });
}

const OWN = ["--wallet", "w"];
const KEY = ["--url", "http://127.0.0.1:1", "--key", "operator"];
const ID = "a".repeat(64);

const CONFIG = [
  ["provider", "config", "--out", "p", "--authority", "a", "--intermediary", "i", "--root", "r"],
  ["--oem-root", "o", "--operator", `02${"11".repeat(32)}`, "--data-dir", "d"],
].flat();

/** Wrong command lines: each is a mistake in usage, and nothing is done. */
const MISTAKES: readonly (readonly [string, readonly string[]])[] = [
  ["no command", []],
  ["no command of a group", ["wallet"]],
  ["an unknown command", ["wallet", "mint"]],
  ["an unknown option", ["wallet", "balance", ...OWN, "--fast"]],
  ["no wallet", ["wallet", "balance"]],
  ["a wallet that is not there", ["wallet", "balance", "--wallet", "nowhere"]],
  ["a file as a wallet", ["wallet", "balance", "--wallet", "text"]],
  ["no amount", ["wallet", "deposit", ...OWN]],
  ["a negative amount", ["wallet", "deposit", ...OWN, "--", "-5"]],
  ["a negative amount that looks like an option", ["wallet", "deposit", "-5", ...OWN]],
  ["nothing as an amount", ["wallet", "deposit", "0.00", ...OWN]],
  ["a fraction of a cent", ["wallet", "deposit", "1.005", ...OWN]],
  ["an exponent", ["wallet", "deposit", "1e3", ...OWN]],
  ["a comma", ["wallet", "deposit", "1,50", ...OWN]],
  ["words", ["wallet", "deposit", "five", ...OWN]],
  ["an amount that no 64 bits hold", ["wallet", "deposit", "184467440737095516.16", ...OWN]],
  ["an endless amount", ["wallet", "deposit", "9".repeat(400), ...OWN]],
  ["one argument too many", ["wallet", "deposit", "1.00", "2.00", ...OWN]],
  ["a receiver that is none", ["wallet", "pay-online", "3f", "1.00", ...OWN]],
  ["upper case in an id", ["wallet", "pay-online", "A".repeat(64), "1.00", ...OWN]],
  ["request number 0", ["wallet", "cancel", "0", ...OWN]],
  ["a request number beyond 32 bits", ["wallet", "cancel", "4294967296", ...OWN]],
  ["another payee", ["wallet", "request", "1.00", "--as", "bank", ...OWN]],
  ["neither file nor socket", ["wallet", "pay", ...OWN, "--yes"]],
  ["both", ["wallet", "pay", ...OWN, "--yes", "--in", "text", "--connect", "s"]],
  ["nobody who could approve", ["wallet", "pay", ...OWN, "--in", "text"]],
  ["a sender without a number", ["wallet", "claim", ID, ...OWN]],
  ["no URL", ["wallet", "create", ...OWN, "--root", "cb/certificate.hex", "--provider", "cb.eu"]],
  ["another scheme", ["wallet", "create", ...OWN, "--root", "r", "--provider", "file:///etc"]],
  [
    "a root that is not there",
    ["wallet", "create", ...OWN, "--root", "r", "--provider", "http://a"],
  ],
  ["no client", ["provider", "fund", ...KEY]],
  ["an order id that is too short", ["provider", "fund", ID, "1.00", "--order-id", "00", ...KEY]],
  ["a port that is none", ["provider", "config", "--out", "p", "--port", "65536"]],
  ["a key that is none", ["provider", "config", "--out", "p", "--operator", "04".repeat(33)]],
  ["limits of nothing", ["provider", "config", "--out", "p", "--max-count", "0"]],
  ["a maker's service that is nobody's", [...CONFIG, "--oem-service", "https://a"]],
  ["a maker's root for no service", [...CONFIG, "--oem-tls-root", "text"]],
  ["a configuration that is not there", ["provider", "serve", "--config", "nowhere"]],
  ["a configuration that is none", ["provider", "serve", "--config", "text"]],
  ["a device that is not there", ["device", "info", "--dir", "nowhere"]],
  ["a device's level that is none", ["ca", "device", "--dir", "x", "--level", "4"]],
];

describe("a wrong command line", () => {
  beforeAll(async () => {
    cwd = temporaryFolder();
    await mkdir(join(cwd, "w"), { mode: 0o700 });
    await writeFile(join(cwd, "text"), "hello\n");
    await run(["ca", "root", "--dir", "cb", "--id", "cb", "--currency", "EUR"]);
  });

  it.each(MISTAKES)("with %s ends with status 2 and says so", async (_what, args) => {
    const before = readdirSync(cwd).toSorted();
    const { code, stdout, stderr } = await run(args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).not.toBe("");
    expect(stderr).not.toContain("This is a bug");
    expect(readdirSync(cwd).toSorted()).toEqual(before);
  });

  it("says in JSON, too, that nothing has moved", async () => {
    const ran = await run(["--json", "wallet", "deposit", "five", ...OWN]);
    expect(ran).toMatchObject({ code: 2, stderr: "" });
    expect(lines(ran)).toMatchObject([{ state: "nothing-moved" }]);
  });

  it("does not take a damaged wallet for one", async () => {
    const create = ["--root", "cb/certificate.hex", "--provider", "http://127.0.0.1:1"];
    const damage: readonly (readonly [string, string])[] = [
      ["wallet.json", "{"],
      ["wallet.json", "null"],
      ["wallet.json", '{"format":"bezant-wallet-1"}'],
      ["key.hex", "zz"],
      ["key.hex", "00"],
      [
        "wallet.db",
        "This is no database, and longer than the header of one, of a hundred bytes. ".repeat(3),
      ],
    ];
    for (const [i, [file, text]] of damage.entries()) {
      const folder = `damaged-${i}`;
      expect((await run(["wallet", "create", "--wallet", folder, ...create])).code).toBe(0);
      await writeFile(join(cwd, folder, file), text);
      const { code, stderr } = await run(["wallet", "show", "--wallet", folder]);
      expect([file, code]).toEqual([file, 1]);
      expect(stderr).not.toContain("This is a bug");
    }
  });

  it("every command has a help with an example", async () => {
    const commands = await helpOfAll(cwd);
    expect(commands.length).toBeGreaterThan(60);
    for (const { command, help } of commands) {
      expect([command, help.code]).toEqual([command, 0]);
      expect(help.stdout).toMatch(/^Examples?:\n {2}\.\/bezant /m);
      expect(help.stdout).toContain("--json");
    }
  });
});
