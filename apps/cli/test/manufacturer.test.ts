import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { opsTrustedApp } from "@bezant/tee";
import { otherBuild } from "@bezant/testkit/other-build";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bezant, lines, start, type Running } from "./support/bezant.ts";
import { temporaryFolder } from "@bezant/service/testing";

const cwd = temporaryFolder();
const env = { BEZANT_PASSPHRASE: "correct horse battery staple" };
/** Each command is a process of its own, and opens a key with scrypt. */
const PATIENCE = 600_000;
let server: Running;
let url: string;

const run = (...args: string[]) => bezant(["--json", ...args], { cwd, env });
async function done(...args: string[]): Promise<Record<string, unknown>> {
  const ran = await run(...args);
  const [first] = lines(ran);
  if (ran.code !== 0 || first === undefined) throw new Error(`${ran.stdout}${ran.stderr}`);
  return first;
}
async function refused(...args: string[]): Promise<unknown> {
  const ran = await run(...args);
  expect(ran.code).toBe(1);
  return lines(ran)[0]?.["refused"];
}
const operator = () => ["--url", url, "--key", "maker/operator"];

beforeAll(async () => {
  await done("ca", "root", "--oem", "--dir", "oem", "--id", "oem");
  await done("manufacturer", "init", "--dir", "maker", "--oem", "oem", "--port", "0");
  const args = ["--json", "manufacturer", "serve", "--config", "maker/manufacturer.json"];
  server = start(args, { cwd, env });
  url = String((await server.said({ event: "listening" }))["url"]);
}, PATIENCE);
afterAll(async () => {
  server.child.kill("SIGTERM");
  expect((await server.ended).code).toBe(0);
});

test(
  "a release travels from its developer to a device, which keeps what it is",
  async () => {
    writeFileSync(join(cwd, "shipped.wasm"), opsTrustedApp());
    await done("manufacturer", "developer", "--dir", "dev", "--oem", "oem", "--name", "ta-dev");
    const sign = (name: string) =>
      done(
        "manufacturer",
        "sign",
        "--dir",
        "dev",
        "--module",
        `${name}.wasm`,
        "--out",
        `${name}.sig`,
      );
    const publish = (name: string): string[] => [
      "manufacturer",
      "release",
      ...operator(),
      "--manifest",
      `${name}.sig`,
      "--module",
      `${name}.wasm`,
      "--out",
      `${name}.release`,
    ];
    const version = Number((await sign("shipped"))["version"]);
    await done(...publish("shipped"));
    const made = await done(
      "device",
      "create",
      "--dir",
      "phone",
      "--oem",
      "oem",
      "--out",
      "phone.crt",
    );
    const id = String(made["deviceId"]);

    const update = ["device", "update", "--dir", "phone", "--url", url];
    expect(await refused(...update)).toBe("unknown-device");
    expect(await done("manufacturer", "enrol", "phone.crt", ...operator())).toMatchObject({
      about: id,
    });
    expect(await done(...update)).toEqual({ version });

    writeFileSync(join(cwd, "next.wasm"), await otherBuild(version + 1));
    await sign("next");
    await done(...publish("next"));
    expect(await done(...update)).toMatchObject({ version: version + 1 });

    // From files, and backwards.
    const fromFiles = (name: string): string[] => [
      "device",
      "update",
      "--dir",
      "phone",
      "--release",
      `${name}.release`,
      "--module",
      `${name}.wasm`,
    ];
    expect(await refused(...fromFiles("shipped"))).toBe("update-downgrade");

    await done("manufacturer", "revoke", id, ...operator());
    expect(await refused(...update)).toBe("device-revoked");
  },
  PATIENCE,
);

test.each([
  [1, ["manufacturer", "init", "--dir", "maker", "--oem", "oem"]],
  [1, ["manufacturer", "init", "--dir", "other", "--oem", "nowhere"]],
  [2, ["manufacturer", "init", "--dir", "half", "--oem", "oem", "--tls", "oem"]],
  [2, ["manufacturer", "serve", "--config", "nothing.json"]],
  [1, ["manufacturer", "sign", "--dir", "oem", "--module", "junk.wasm", "--out", "x"]],
  [2, ["manufacturer", "sign", "--dir", "oem", "--module", "nothing.wasm", "--out", "x"]],
  [2, ["manufacturer", "revoke", "zz", "--url", "http://127.0.0.1:1", "--key", "maker/operator"]],
  [
    1,
    ["manufacturer", "enrol", "junk.hex", "--url", "http://127.0.0.1:1", "--key", "maker/operator"],
  ],
  [2, ["device", "update", "--dir", "nothing", "--url", "http://127.0.0.1:1"]],
])(
  "bad input ends with code %i: %j",
  async (code, args) => {
    writeFileSync(join(cwd, "junk.wasm"), "junk");
    writeFileSync(join(cwd, "junk.hex"), "00\n");
    const ran = await run(...args);
    expect([ran.code, ran.stderr]).toEqual([code, ""]);
    expect(lines(ran)[0]).toMatchObject({ state: "nothing-moved" });
  },
  PATIENCE,
);
