import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import {
  decode,
  deviceReport,
  encode,
  sealedUpdate,
  sha256,
  unwrap,
  updatePackage,
} from "@bezant/protocol";
import { otherBuild } from "@bezant/testkit/other-build";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { frame, FrameReader } from "../src/client/framing.ts";
import { connectProvisioner, MAX_INPUT, type Provisioner } from "../src/client/index.ts";
import { Connection } from "../src/client/socket.ts";
import {
  MAX_REQUEST,
  requestSchema,
  responseSchema,
  type WireResponse,
} from "../src/client/wire.ts";
import { loadTrustedApp, opsTrustedApp } from "../src/index.ts";
import { createTeeServer } from "../src/process/server.ts";
import { temporaryFolder } from "./support/folder.ts";
import { Maker } from "./support/maker.ts";
import { Updatable } from "./support/updatable.ts";

const maker = new Maker();
const nonce = new Uint8Array(16).fill(3);
const { version } = unwrap(loadTrustedApp(opsTrustedApp()));
const tooMuch = { code: "TEEC_ERROR_EXCESS_DATA", origin: "communication", state: "unchanged" };

let next: Uint8Array;
let folder: ReturnType<typeof temporaryFolder>;
let device: Updatable;
let server: Server;
let path: string;

beforeAll(async () => {
  next = await otherBuild(version + 1);
});
beforeEach(async () => {
  folder = temporaryFolder();
  path = join(folder.path, "tee");
  device = await Updatable.make(maker);
  device.fund();
  server = createTeeServer(device.running.trustedOs, device.running.agent).listen(path);
  await once(server, "listening");
});
afterEach(() => {
  server.close();
  folder.remove();
});

async function connected(use: (provisioner: Provisioner) => Promise<void>): Promise<void> {
  const provisioner = unwrap(await connectProvisioner({ socket: path }));
  await use(provisioner);
  provisioner.close();
}

describe("a device's software, through its socket", () => {
  it("is updated from a file in parts, and reports what it installed", () =>
    connected(async (provisioner) => {
      const update = maker.update(next, {}, nonce);
      expect(update.length).toBeGreaterThan(3 * MAX_INPUT);
      const before = device.info();
      const report = unwrap(await provisioner.install(update));
      expect(unwrap(deviceReport.parse(report)).payload).toMatchObject({
        version: version + 1,
        measurement: sha256(next),
        nonce,
      });
      expect(device.running.trustedOs.installed.version).toBe(version + 1);
      expect(device.info()).toEqual(before);
    }));

  it("takes a sealed update only with the nonce that it was sealed for", () =>
    connected(async (provisioner) => {
      const report = unwrap(await provisioner.report(nonce));
      expect(unwrap(deviceReport.parse(report)).payload).toMatchObject({ version, nonce });
      const sealed = await maker.seal(report, maker.update(next));
      expect(await provisioner.install(sealed)).toEqual({
        ok: false,
        error: { code: "malformed" },
      });
      expect(await provisioner.installSealed(sealed, new Uint8Array(16))).toEqual({
        ok: false,
        error: { code: "update-unreadable" },
      });
      expect(device.running.trustedOs.installed.version).toBe(version);
      unwrap(await provisioner.installSealed(sealed, nonce));
      expect(device.running.trustedOs.installed.version).toBe(version + 1);
    }));

  it("forgets what was uploaded once it is installed, refused or begun anew", async () => {
    const connection = unwrap(await Connection.open(path));
    const update = maker.update(next);
    const upload = async (bytes: Uint8Array): Promise<void> => {
      for (let offset = 0; offset < bytes.length; offset += MAX_INPUT) {
        const part = bytes.subarray(offset, offset + MAX_INPUT);
        unwrap(await connection.call({ call: "upload", offset, part }));
      }
    };
    const malformed = { value: { answer: "refused", code: "malformed" } };
    await upload(update.subarray(0, 2 * MAX_INPUT));
    await upload(update);
    expect(await connection.call({ call: "install" })).toMatchObject({
      value: { answer: "report" },
    });
    expect(await connection.call({ call: "install" })).toMatchObject(malformed);
    await upload(update);
    const part = update.subarray(0, 10);
    // Not where the last part ended: what came before is gone with it.
    for (const offset of [update.length - 1, update.length]) {
      expect(await connection.call({ call: "upload", offset, part })).toEqual({
        ok: false,
        error: tooMuch,
      });
    }
    expect(await connection.call({ call: "install" })).toMatchObject(malformed);
    connection.close();
  });

  it("takes as much as the longest update, and not a byte more", async () => {
    const connection = unwrap(await Connection.open(path));
    const most = Math.max(sealedUpdate.maxSize, updatePackage.maxSize);
    let offset = 0;
    for (let size = MAX_INPUT; offset < most; offset += size) {
      size = Math.min(size, most - offset);
      unwrap(await connection.call({ call: "upload", offset, part: new Uint8Array(size) }));
    }
    const more = { call: "upload", offset, part: Uint8Array.of(1) } as const;
    expect(await connection.call(more)).toEqual({ ok: false, error: tooMuch });
    connection.close();
  });

  it("is not there where the trusted OS takes no updates, and the connection goes on", async () => {
    const plain = join(folder.path, "plain");
    const other = createTeeServer(device.running.trustedOs).listen(plain);
    await once(other, "listening");
    const connection = unwrap(await Connection.open(plain));
    for (const call of [{ call: "report", nonce }, { call: "install" }] as const) {
      expect(await connection.call(call)).toMatchObject({
        error: { code: "TEEC_ERROR_BAD_PARAMETERS", origin: "communication" },
      });
    }
    connection.close();
    other.close();
  });
});

describe("a carrier of updates", () => {
  it("cannot begin where nothing listens", async () => {
    expect(await connectProvisioner({ socket: join(folder.path, "nothing") })).toMatchObject({
      error: { code: "TEEC_ERROR_COMMUNICATION", state: "unchanged" },
    });
  });

  it("says that an installation whose answer is lost, or no answer, may have been made", async () => {
    const answers: readonly (((id: number) => WireResponse) | undefined)[] = [
      undefined,
      (id) => ({ answer: "done", id }),
      (id) => ({ answer: "refused", id, code: "no-such-code" }),
    ];
    for (const [index, last] of answers.entries()) {
      const liar = join(folder.path, `liar ${index}`);
      const other = createServer((socket) => {
        const reader = new FrameReader(MAX_REQUEST);
        socket.on("data", (chunk: Uint8Array) => {
          reader.push(chunk);
          for (let bytes = reader.next(); bytes instanceof Uint8Array; bytes = reader.next()) {
            const { call, id } = unwrap(decode(requestSchema, bytes));
            const reply = call === "install" ? last?.(id) : ({ answer: "done", id } as const);
            if (reply === undefined) socket.destroy();
            else socket.write(frame(encode(responseSchema, reply)));
          }
        });
      }).listen(liar);
      await once(other, "listening");
      const provisioner = unwrap(await connectProvisioner({ socket: liar }));
      expect(await provisioner.install(new Uint8Array(10))).toEqual({
        ok: false,
        error: { code: "TEEC_ERROR_COMMUNICATION", origin: "communication", state: "unknown" },
      });
      provisioner.close();
      other.close();
    }
  });
});
