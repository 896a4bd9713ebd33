import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { unwrap } from "@bezant/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createDevice,
  lockFolder,
  measureTos,
  openDevice,
  opsTrustedApp,
  STORAGE_FAULT_CODES,
} from "../src/index.ts";
import { parseStartLine } from "../src/process/messages.ts";
import { certifyDevice } from "./support/device.ts";
import { temporaryFolder } from "./support/folder.ts";
import { Maker } from "./support/maker.ts";

const identity = { certify: certifyDevice };
let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

describe("a device in a folder", () => {
  it("is its owner's alone, whole, and the device that was made", async () => {
    const path = join(folder.path, "deep", "device");
    const { deviceKey } = unwrap(await createDevice(path, { identity }));
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(existsSync(`${path}.new`)).toBe(false);
    const running = unwrap(openDevice(path));
    expect(running.rootOfTrust.deviceKey).toEqual(deviceKey);
    expect(running.tos).toEqual(measureTos());
    expect(await running.agent.report(new Uint8Array(16))).toMatchObject({
      error: { code: "not-updatable" },
    });
    running.close();
  });

  it("takes the updates of the manufacturer that it was made with", async () => {
    const path = join(folder.path, "device");
    unwrap(await createDevice(path, { identity, manufacturer: new Maker().oemRoot }));
    const running = unwrap(openDevice(path));
    expect((await running.agent.report(new Uint8Array(16))).ok).toBe(true);
    running.close();
  });

  it("never takes the place of what is there, nor stays behind half made", async () => {
    const path = join(folder.path, "device");
    mkdirSync(path);
    writeFileSync(join(path, "something"), "of somebody");
    expect(await createDevice(path, { identity })).toEqual({
      ok: false,
      error: { code: "folder-exists" },
    });
    expect(readdirSync(path)).toEqual(["something"]);
    const other = join(folder.path, "other");
    for (const [options, code] of [
      [{ identity, trustedApp: new Uint8Array(8) }, "trusted-app-refused"],
      [{ identity: { certify: () => new Uint8Array() } }, "wrong-certificate"],
    ] as const) {
      expect(await createDevice(other, options)).toMatchObject({ error: { code } });
      expect(readdirSync(folder.path)).toEqual(["device"]);
    }
  });

  it("is made over what an interrupted making left", async () => {
    const path = join(folder.path, "device");
    mkdirSync(`${path}.new`);
    writeFileSync(join(`${path}.new`, "fuses"), "half");
    unwrap(await createDevice(path, { identity }));
    unwrap(openDevice(path)).close();
    expect(readdirSync(folder.path)).toEqual(["device"]);
  });

  it("is refused where there is none, and where its module is not what it was", async () => {
    const path = join(folder.path, "device");
    expect(openDevice(path)).toMatchObject({ error: { code: "device-missing" } });
    unwrap(await createDevice(path, { identity }));
    const module = opsTrustedApp();
    writeFileSync(join(path, "trusted-app.wasm"), module.subarray(0, 40));
    expect(openDevice(path)).toMatchObject({ error: { code: "trusted-app-refused" } });
    writeFileSync(join(path, "trusted-app.wasm"), module);
    unwrap(openDevice(path)).close();
  });

  it("is locked for one, until it lets go", () => {
    const lock = lockFolder(folder.path);
    expect(lock).toBeDefined();
    expect(lockFolder(folder.path)).toBeUndefined();
    lock?.release();
    const again = lockFolder(folder.path);
    expect(again).toBeDefined();
    again?.release();
    expect(() => lockFolder(join(folder.path, "nowhere"))).toThrow();
  });
});

describe("the first line of a trusted OS's process", () => {
  it("says that it serves, or by a known code why it does not", () => {
    const ready = { ready: true, pid: process.pid };
    expect(parseStartLine(JSON.stringify(ready))).toEqual(ready);
    const codes = [
      ...STORAGE_FAULT_CODES,
      "already-running",
      "not-confined",
      "folder-not-private",
      "socket-path-too-long",
      "trusted-app-refused",
      "start-failed",
    ];
    for (const code of codes) {
      const not = { ready: false, code, detail: "why" };
      expect(parseStartLine(JSON.stringify(not))).toEqual(not);
    }
  });

  it.each([
    "",
    "ready",
    "null",
    "7",
    '"ready"',
    "{}",
    '{"ready":false}',
    '{"ready":false,"code":7}',
  ])("is none where it says anything else: %s", (line) => {
    expect(parseStartLine(line)).toBeUndefined();
  });

  it("names no code that nobody knows", () => {
    expect(parseStartLine('{"ready":false,"code":"mutant"}')).toBeUndefined();
  });
});
