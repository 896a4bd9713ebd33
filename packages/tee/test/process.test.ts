import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { amount, counter, deviceIdOf, seconds, unwrap, type CompressedKey } from "@bezant/protocol";
import { OPS_TA_UUID } from "../src/client/index.ts";
import { COMMANDS, encodeInput, readAnswer } from "@bezant/trusted-app/commands";
import { describe, expect, it } from "vitest";
import { createDevice, lockFolder, measureTos, openDevice } from "../src/index.ts";
import { spawnTee } from "../src/process/index.ts";
import { confinedNodeArguments, MAIN } from "../src/process/confinement.ts";
import { Bank } from "./support/bank.ts";
import { certifyDevice } from "./support/device.ts";
import { deviceFolder, openSession, temporaryFolder, withTee } from "./support/folder.ts";
import { opsApp } from "./support/story.ts";

const getInfo = encodeInput("GetInfo", {});

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const { path, remove } = temporaryFolder();
  try {
    await test(path);
  } finally {
    remove();
  }
}

describe("the trusted OS as a process", () => {
  it("serves the TA of its device, and says what it is", () =>
    withTee(async (tee) => {
      const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
      expect(tee).toMatchObject({
        securityLevel: 1,
        ta: { measurement: hex(opsApp.measurement), version: opsApp.version },
        tos: { measurement: hex(measureTos().measurement), version: 1 },
      });
      expect(tee.pid).not.toBe(process.pid);
      const session = await openSession(tee.socket);
      const answer = unwrap(await session.invokeCommand(COMMANDS.GetInfo.number, getInfo));
      expect(unwrap(readAnswer("GetInfo", answer))).toMatchObject({ phase: "blank", balance: 0n });
    }));

  it("keeps its folder and socket to their owner, and where root starts it runs as a user of its own", () =>
    withTee(async (tee, folder) => {
      for (const path of [folder, join(folder, "run"), join(folder, "fuses"), tee.socket]) {
        expect(statSync(path).mode & 0o077).toBe(0);
      }
      const mine = process.getuid?.();
      if (mine === 0) expect(tee.uid).not.toBe(0);
      else expect(tee.uid).toBe(mine);
      await Promise.resolve();
    }));

  it("goes on where it stopped", () =>
    withTee(async (tee, folder) => {
      const first = await openSession(tee.socket);
      const { status, output } = unwrap(
        await first.invokeCommand(COMMANDS.Init.number, new Bank().init()),
      );
      expect(status).toBe(0);
      await tee.stop();
      expect(await tee.exited).toBe(0);
      const again = unwrap(await spawnTee({ folder }));
      const session = await openSession(again.socket);
      const info = unwrap(await session.invokeCommand(COMMANDS.GetInfo.number, getInfo));
      const { phase, id } = unwrap(readAnswer("GetInfo", info));
      expect({ phase, id }).toEqual({
        phase: "initialised",
        id: unwrap(readAnswer("Init", { status, output })).id,
      });
      await again.stop();
    }));

  it("is found through a link to its folder, too", () =>
    withTee(async (tee, folder) => {
      await tee.stop();
      const link = `${folder}.link`;
      symlinkSync(folder, link);
      const again = unwrap(await spawnTee({ folder: link }));
      expect(again.deviceId).toBe(tee.deviceId);
      await again.stop();
    }));

  it("is the same trusted OS in the process that asks", () =>
    withTee(async (tee, folder) => {
      await tee.stop();
      const device = unwrap(openDevice(folder));
      const session = unwrap(device.trustedOs.openSession(OPS_TA_UUID));
      const call = (): ReturnType<typeof device.trustedOs.invokeCommand> =>
        device.trustedOs.invokeCommand(session, COMMANDS.GetInfo.number, getInfo);
      expect(unwrap(readAnswer("GetInfo", unwrap(call())))).toMatchObject({ phase: "blank" });
      expect(deviceIdOf(device.rootOfTrust.deviceKey)).toBe(tee.deviceId);
      device.close();
      expect(call()).toMatchObject({ error: { code: "TEEC_ERROR_BAD_STATE" } });
    }));

  it("has its device to itself", () =>
    withTee(async (_tee, folder) => {
      expect(await spawnTee({ folder })).toEqual({ ok: false, error: { code: "already-running" } });
      expect(lockFolder(folder)).toBeUndefined();
    }));

  it("ends when the process that started it does", () =>
    inFolder(async (path) => {
      const folder = await deviceFolder(path);
      const program = `
        import { spawnTee } from ${JSON.stringify(import.meta.resolve("../src/process/index.ts"))};
        const tee = await spawnTee({ folder: ${JSON.stringify(folder)} });
        console.log(tee.ok);
        setInterval(() => {}, 1000);`;
      const parent = spawn(process.execPath, ["--input-type=module", "-e", program]);
      const said = await new Promise((settle) => {
        parent.stdout.once("data", (chunk: Buffer) => settle(chunk.toString().trim()));
      });
      expect(said).toBe("true");
      expect(isFree(folder)).toBe(false);
      parent.kill("SIGKILL");
      // The kernel gives the lock back when the orphan has ended; if it never does, the test hangs.
      while (!isFree(folder)) await pause();
    }));
});

function isFree(folder: string): boolean {
  const lock = lockFolder(folder);
  lock?.release();
  return lock !== undefined;
}

function pause(): Promise<void> {
  return new Promise((settle) => {
    setTimeout(settle, 10);
  });
}

describe("a trusted OS that cannot start", () => {
  it("says why", () =>
    inFolder(async (path) => {
      const folder = await deviceFolder(path);
      const code = async (socket?: string): Promise<string> => {
        const tee = await spawnTee({ folder, ...(socket === undefined ? {} : { socket }) });
        if (tee.ok) await tee.value.stop();
        return tee.ok ? "started" : tee.error.code;
      };
      expect(await code(join(path, "x".repeat(120)))).toBe("socket-path-too-long");
      expect(await spawnTee({ folder: join(path, "nothing") })).toMatchObject({
        error: { code: "device-missing" },
      });

      chmodSync(folder, 0o755);
      expect(await code()).toBe("folder-not-private");
      chmodSync(folder, 0o700);
      chmodSync(path, 0o755);
      expect(await code(join(path, "socket"))).toBe("folder-not-private");

      const changed = async (name: string, change: (bytes: Uint8Array) => Uint8Array) => {
        const file = join(folder, name);
        const good = readFileSync(file);
        writeFileSync(file, change(good));
        const found = await code();
        writeFileSync(file, good);
        return found;
      };
      const flip = (place: number) => (bytes: Uint8Array) =>
        bytes.map((byte, at) => (at === place ? byte ^ 1 : byte));
      expect(await changed("fuses", flip(20))).toBe("device-damaged");
      expect(await changed("rpmb", flip(20))).toBe("rpmb-damaged");
      expect(await changed("ta-object", flip(8192 + 100))).toBe("object-damaged");
      expect(await changed("trusted-app.wasm", () => new Uint8Array(9))).toBe(
        "trusted-app-refused",
      );
      // A custom section more: the same program, another measurement.
      const longer = (bytes: Uint8Array): Uint8Array => Uint8Array.of(...bytes, 0, 2, 1, 0x78);
      expect(await changed("trusted-app.wasm", longer)).toBe("wrong-trusted-app");
      for (const name of ["fuses", "rpmb", "ta-object", "trusted-app.wasm"]) {
        const file = join(folder, name);
        renameSync(file, `${file}.away`);
        expect(await code()).toMatch(/missing|damaged/);
        renameSync(`${file}.away`, file);
      }
      expect(await code()).toBe("started");
    }));

  it("makes no device where something is already, or with what is no TA", () =>
    inFolder(async (path) => {
      const folder = await deviceFolder(path);
      const identity = { certify: certifyDevice };
      expect(await createDevice(folder, { identity })).toEqual({
        ok: false,
        error: { code: "folder-exists" },
      });
      const other = join(path, "other");
      expect(await createDevice(other, { identity, trustedApp: new Uint8Array(8) })).toMatchObject({
        error: { code: "trusted-app-refused", detail: "not-wasm" },
      });
      const none = { certify: () => new Uint8Array() };
      expect(await createDevice(other, { identity: none })).toMatchObject({
        error: { code: "wrong-certificate" },
      });
      expect(existsSync(other)).toBe(false);
      expect(existsSync(`${other}.new`)).toBe(false);
    }));
});

describe("the confinement of the trusted OS", () => {
  const probe = (folder: string, socket: string, extra: string[] = []): Record<string, string> => {
    const code = join(import.meta.dirname, "support");
    const script = join(code, "probe.ts");
    const args = [
      ...confinedNodeArguments([folder]),
      `--allow-fs-read=${code}`,
      ...extra,
      script,
      join(folder, "inside"),
      join(folder, "..", "outside"),
      socket,
    ];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    if (stdout === "") throw new Error(stderr);
    return JSON.parse(stdout) as Record<string, string>;
  };

  it("is the permission model's: its own folder and nothing else", () =>
    inFolder(async (path) => {
      const folder = join(path, "mine");
      mkdirSync(folder);
      for (const file of ["outside", "mine/inside"]) writeFileSync(join(path, file), "old");
      const denied = "ERR_ACCESS_DENIED";
      expect(probe(folder, join(folder, "socket"))).toEqual({
        confined: "true",
        readInside: "done",
        writeInside: "done",
        readOutside: denied,
        writeOutside: denied,
        writeCode: denied,
        child: denied,
        worker: denied,
        code: "EvalError: Code generation from strings disallowed for this context",
        connect: "done",
        readInsideDropped: denied,
        writeInsideDropped: denied,
        connectDropped: denied,
      });
      expect(readFileSync(join(path, "outside"), "utf8")).toBe("old");
      expect(readFileSync(join(path, "mine/inside"), "utf8")).toBe("new");
      await Promise.resolve();
    }));

  it("is insisted on: the process does not start with more, or without", () =>
    inFolder(async (path) => {
      const folder = await deviceFolder(path);
      const rest = [MAIN, "--folder", folder, "--socket", join(folder, "run", "tee")];
      const confined = confinedNodeArguments([folder]);
      const tooMuch = [
        [],
        [...confined, "--allow-child-process"],
        [...confined, "--allow-worker"],
        [...confined, "--allow-addons"],
        [...confined, "--allow-inspector"],
        [...confined, "--allow-fs-read=*"],
        [...confined, "--allow-fs-write=*"],
      ];
      for (const args of tooMuch) {
        const { stdout, status } = spawnSync(process.execPath, [...args, ...rest], {
          encoding: "utf8",
        });
        expect({ args, status, said: JSON.parse(stdout) as unknown }).toEqual({
          args,
          status: 1,
          said: { ready: false, code: "not-confined" },
        });
      }
    }));
});

describe("a trusted OS that is killed", () => {
  it("has every request it answered, and at most one more, whenever SIGKILL comes", () =>
    inFolder(async (path) => {
      const folder = await deviceFolder(path);
      const bank = new Bank();
      let answered = 0;
      for (let round = 0; round < 8; round++) {
        const tee = unwrap(await spawnTee({ folder }));
        const session = await openSession(tee.socket);
        if (round === 0) {
          const output = unwrap(await session.invokeCommand(COMMANDS.Init.number, bank.init()));
          const { id, vk } = unwrap(readAnswer("Init", output));
          const key = Buffer.from(vk).toString("hex") as CompressedKey;
          const input = bank.certification(id, key);
          expect(unwrap(await session.invokeCommand(COMMANDS.CertInit.number, input)).status).toBe(
            0,
          );
        }
        const info = unwrap(await session.invokeCommand(COMMANDS.GetInfo.number, getInfo));
        const { r, open } = unwrap(readAnswer("GetInfo", info));
        expect(r === answered || r === answered + 1).toBe(true);
        answered = r;
        let last = open.at(-1) ?? 0;
        // Each request replaces the one before it, so the TA never runs out of places.
        for (let request = 0; ; request++) {
          if (request === 20 + 13 * round) process.kill(tee.pid, "SIGKILL");
          const terms = { amount: amount(1n), expires: seconds(0), replaces: counter(last) };
          const answer = await session.invokeCommand(
            COMMANDS.RequestPayment.number,
            encodeInput("RequestPayment", terms),
          );
          if (!answer.ok) {
            expect(answer.error.code).toBe("TEEC_ERROR_COMMUNICATION");
            break;
          }
          expect(answer.value.status).toBe(0);
          answered += 1;
          last = answered;
        }
        expect(await tee.exited).toBe("SIGKILL");
      }
      expect(answered).toBeGreaterThan(8 * 20);
    }));
});
