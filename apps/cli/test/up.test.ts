import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { lines, start, type Ran, type Running, type RunOptions } from "./support/bezant.ts";
import { temporaryFolder } from "@bezant/service/testing";
import { leftOver, processesNaming } from "./support/processes.ts";

const STEPS = [
  "certify",
  "central-bank",
  "manufacturer",
  "providers",
  "devices",
  "register",
  "fund",
  "deposit",
  "audit-before",
  "go-offline",
  "copy",
  "pay-b",
  "pay-merchant",
  "replay",
  "tamper",
  "roll-back",
  "go-online",
  "claim",
  "claim-again",
  "withdraw",
  "sync",
  "settle",
  "audit-after",
];

const STOPPING = "Stopping the servers, their databases and the devices …";

type Told = {
  readonly id: string;
  readonly ok: boolean;
  readonly ms: number;
  readonly amounts: Readonly<Record<string, string>>;
  readonly bytes: Readonly<Record<string, number>>;
  readonly refused: readonly { readonly code: string; readonly state: string }[];
};

function told(ran: Ran): Map<string, Told> {
  const steps = lines(ran).filter((line) => "step" in line) as unknown as Told[];
  return new Map(steps.map((step) => [step.id, step]));
}

/** A network that ends with its test, also where that fails before it ends it. */
function startUp(args: readonly string[], options: RunOptions): Running {
  const up = start(args, options);
  onTestFinished(async () => {
    up.child.kill("SIGTERM");
    await up.ended;
  });
  return up;
}

/** Lines of output, without what is another with every run: processes, ports, times. */
function lasting(output: string): string[] {
  const changing = /process \d+|127\.0\.0\.1:\d+/g;
  const whole = output.split("\n").filter((line) => !/^ {6}took /.test(line));
  return whole.map((line) => line.replaceAll(changing, "…"));
}

/** What README.md says that `npm start` prints. */
function shownInReadme(): string[] {
  const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
  const [, sample = ""] = /Part of what one run printed:\n\n```\n(.*?)^```/ms.exec(readme) ?? [];
  const shown = lasting(sample).filter((line) => line !== "" && line !== "…");
  expect(shown.length).toBeGreaterThan(20);
  return shown;
}

describe("bezant up", () => {
  it("plays the whole story in a path with spaces that is too long for sockets, and leaves no process", async () => {
    const parent = temporaryFolder();
    const cwd = join(parent, "a folder with spaces", "and a long name ".repeat(6).trim());
    await mkdir(cwd, { recursive: true });
    const ran = await startUp(["up", "--once", "--json"], { cwd }).ended;
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    const steps = told(ran);
    expect([...steps.keys()]).toEqual(STEPS);
    expect([...steps.values()].filter(({ ok }) => !ok)).toEqual([]);
    expect(lines(ran).at(-1)).toMatchObject({ event: "end", ok: true, steps: STEPS.length });

    // The money, to the cent, from the story's own words.
    const before = steps.get("audit-before")?.amounts;
    expect(before).toMatchObject({ issued: "40000", online: "3000", offline: "2000" });
    const after = steps.get("audit-after")?.amounts ?? {};
    const parts = ["A online", "A's device", "B online", "B's device", "merchant online"];
    const sum = parts.reduce((total, part) => total + BigInt(after[part] ?? ""), 0n);
    expect(sum).toBe(5000n);
    expect(after).toMatchObject({ issued: "40000", online: "3500", offline: "1500" });

    for (const id of ["pay-b", "pay-merchant"]) {
      const { request, payment } = steps.get(id)?.bytes ?? {};
      expect(request).toBeLessThanOrEqual(299);
      expect(payment).toBeLessThanOrEqual(344);
    }
    const refusals = ["replay", "tamper", "roll-back", "claim-again"].flatMap(
      (id) => steps.get(id)?.refused ?? [],
    );
    expect(new Set(refusals.map(({ code }) => code))).toEqual(
      new Set(["wrong-audience", "bad-signature", "object-rolled-back"]),
    );
    expect(new Set(refusals.map(({ state }) => state))).toEqual(new Set(["nothing-moved"]));
    expect(await leftOver(cwd)).toEqual([]);
  });

  it("says in plain words what it does, stays up, every command that it suggests works, and Ctrl-C ends all of it", async () => {
    const cwd = temporaryFolder();
    // A network has a database of its own, whatever the environment says.
    const env = { DATABASE_URL: "postgresql://nowhere.invalid/other" };
    const up = startUp(["up"], { cwd, env });
    const printed = await up.printed("all ledgers together:\n    ");
    expect(printed).toContain("software: for demonstration only");
    expect(printed).toMatch(
      /^12 {2}A pays B, device to device; their providers are different ones$/m,
    );
    expect(printed).toMatch(/A's device {2}20\.00 EUR → 15\.00 EUR/);
    expect(printed).toContain("every expectation in them");
    // oxlint-disable-next-line no-control-regex -- an escape is just what must not be there
    expect(printed).not.toMatch(/\u001B/);
    expect(shownInReadme().filter((line) => !lasting(printed).includes(line))).toEqual([]);
    const docs = /^aurum's API: (.*)$/m.exec(printed)?.[1] ?? "";
    expect((await fetch(docs)).status).toBe(200);
    await typeIn(cwd, commandsIn(printed.slice(printed.indexOf("Try, in another terminal"))));
    await expectAsked(join(cwd, "data", "network-1"));
    up.child.kill("SIGINT");
    const { code, stderr } = await up.ended;
    expect([code, stderr.trim()]).toEqual([0, STOPPING]);
    expect(await leftOver(cwd)).toEqual([]);
    const config: unknown = JSON.parse(
      readFileSync(join(cwd, "data", "network-1", "aurum", "config.json"), "utf8"),
    );
    expect(config).toMatchObject({ attestation: { minimumLevel: 1 } });
  });

  it("takes everything with it when it is killed, and a start leaves earlier networks alone", async () => {
    const cwd = temporaryFolder();
    await mkdir(join(cwd, "data", "network-7"), { recursive: true });
    const up = startUp(["up", "--json", "--once"], { cwd });
    // Two servers run with their databases, and more are about to.
    await up.said({ id: "manufacturer" });
    expect(processesNaming(cwd).length).toBeGreaterThanOrEqual(2);
    up.child.kill("SIGKILL");
    await up.ended;
    expect(await leftOver(cwd)).toEqual([]);
    expect((await readdir(join(cwd, "data"))).toSorted()).toEqual(["network-7", "network-8"]);
    expect(await readdir(join(cwd, "data", "network-7"))).toEqual([]);
  });

  it("can be interrupted while the network comes up", async () => {
    const cwd = temporaryFolder();
    const up = startUp(["up", "--json", "--data", "d"], { cwd });
    await up.said({ id: "central-bank" });
    up.child.kill("SIGTERM");
    expect((await up.ended).code).toBe(130);
    expect(await leftOver(cwd)).toEqual([]);
  });

  it("says which step failed, ends with status 1, and leaves no database behind, when the provider dies", async () => {
    const cwd = temporaryFolder();
    const up = startUp(["up", "--json", "--once"], { cwd });
    const { facts } = (await up.said({ id: "providers" })) as { facts: Record<string, string> };
    // While the devices start, which takes a while.
    process.kill(Number(/[0-9]+/.exec(facts["aurum"] ?? "")?.[0]), "SIGKILL");
    const ended = await up.ended;
    expect(ended.code).toBe(1);
    const steps = [...told(ended).values()];
    expect(steps.at(-1)?.ok).toBe(false);
    expect(steps.length).toBeLessThan(STEPS.length);
    expect(lines(ended).slice(-2)).toMatchObject([
      { event: "end", ok: false },
      { failed: expect.stringContaining("does not hold") as string },
    ]);
    expect(await leftOver(cwd)).toEqual([]);
  });
});

/** The provider asks the manufacturer, at its own process, before it certifies a device anew. */
async function expectAsked(network: string): Promise<void> {
  const config = JSON.parse(readFileSync(join(network, "manufacturer", "config.json"), "utf8")) as {
    institutions: { port: number };
  };
  const operator = [
    ["--url", `https://127.0.0.1:${config.institutions.port}`],
    ["--key", join(network, "manufacturer", "operator")],
    ["--tls", join(network, "manufacturer", "tls")],
    ["--tls-root", join(network, "ca", "oem", "ca.pem")],
    ["--passphrase-file", join(network, "passphrase")],
  ].flat();
  const run = async (...args: string[]) =>
    lines(await start(["--json", ...args], { cwd: network }).ended)[0];
  const certificate = join(network, "devices", "a.crt");
  const enrolled = await run("manufacturer", "enrol", certificate, ...operator);
  const device = String(enrolled?.["about"]);
  expect(await run("manufacturer", "revoke", device, ...operator)).toMatchObject({ about: device });
  const renewed = await run("wallet", "register-ta", "--wallet", join(network, "wallets", "a"));
  expect(renewed).toMatchObject({ refused: "device-revoked", state: "nothing-moved" });
}

/** The commands under the words that say what each does. */
function commandsIn(text: string): readonly string[] {
  return [...text.matchAll(/^ {4}(\S.*)$/gm)].map(([, command]) => command ?? "");
}

/** Runs them as they stand, as if typed into terminals; the merchant's, which waits, goes on beside the next. */
async function typeIn(cwd: string, commands: readonly string[]): Promise<void> {
  expect(commands.length).toBeGreaterThan(6);
  const shell = promisify(execFile);
  const waiting: Promise<unknown>[] = [];
  for (const command of commands) {
    const listening = / --listen (\S+)/.exec(command)?.[1];
    // Each throws where its command does not end well.
    const run = shell("/bin/sh", ["-c", command], { cwd });
    if (listening === undefined) {
      if (command.includes(" claim ")) await Promise.all(waiting);
      expect((await run).stdout).not.toBe("");
    } else {
      waiting.push(run);
      while (!existsSync(resolve(cwd, listening))) await new Promise(setImmediate);
    }
  }
}
