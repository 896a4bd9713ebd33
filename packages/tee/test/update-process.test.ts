import { join } from "node:path";
import { deviceReport, sha256, unwrap } from "@bezant/protocol";
import { COMMANDS, encodeInput, readAnswer } from "@bezant/trusted-app/commands";
import { otherBuild } from "@bezant/testkit/other-build";
import { expect, it } from "vitest";
import { connectProvisioner } from "../src/client/index.ts";
import { Connection } from "../src/client/socket.ts";
import { createDevice } from "../src/index.ts";
import { spawnTee } from "../src/process/index.ts";
import { Bank } from "./support/bank.ts";
import { certifyDevice } from "./support/device.ts";
import { openSession, temporaryFolder } from "./support/folder.ts";
import { Maker } from "./support/maker.ts";
import { opsApp } from "./support/story.ts";

const maker = new Maker();
const nonce = new Uint8Array(16).fill(3);

async function withUpdatable(test: (folder: string) => Promise<void>): Promise<void> {
  const { path, remove } = temporaryFolder();
  try {
    const folder = join(path, "device");
    const identity = { certify: certifyDevice };
    unwrap(await createDevice(folder, { identity, manufacturer: maker.oemRoot }));
    await test(folder);
  } finally {
    remove();
  }
}

it("the trusted OS's process installs a sealed update through its socket, and starts with it again", () =>
  withUpdatable(async (folder) => {
    const version = opsApp.version + 1;
    const next = await otherBuild(version);
    const tee = unwrap(await spawnTee({ folder }));
    const session = await openSession(tee.socket);
    const init = new Bank().init();
    expect(unwrap(await session.invokeCommand(COMMANDS.Init.number, init)).status).toBe(0);
    const info = async (from = session) => {
      const input = encodeInput("GetInfo", {});
      const answer = unwrap(await from.invokeCommand(COMMANDS.GetInfo.number, input));
      return unwrap(readAnswer("GetInfo", answer));
    };
    const before = await info();

    const provisioner = unwrap(await connectProvisioner({ socket: tee.socket }));
    const report = unwrap(await provisioner.report(nonce));
    expect(unwrap(deviceReport.parse(report)).payload.version).toBe(opsApp.version);
    const sealed = await maker.seal(report, maker.update(next));
    expect(await provisioner.installSealed(sealed, new Uint8Array(16))).toMatchObject({
      error: { code: "update-unreadable" },
    });
    const installed = unwrap(await provisioner.installSealed(sealed, nonce));
    expect(unwrap(deviceReport.parse(installed)).payload).toMatchObject({
      version,
      measurement: sha256(next),
    });
    provisioner.close();
    // A session that was open goes on, with the new TA.
    expect(await info()).toEqual(before);
    await tee.stop();

    const again = unwrap(await spawnTee({ folder }));
    expect(again.ta.version).toBe(version);
    expect(await info(await openSession(again.socket))).toEqual(before);
    await again.stop();
  }));

it("parts of an update that do not follow each other, or are none, are refused", () =>
  withUpdatable(async (folder) => {
    const tee = unwrap(await spawnTee({ folder }));
    const connection = unwrap(await Connection.open(tee.socket));
    const part = new Uint8Array(4096);
    for (const offset of [1, 4096, 0xffff_ffff]) {
      expect(await connection.call({ call: "upload", offset, part })).toMatchObject({
        error: { code: "TEEC_ERROR_EXCESS_DATA", state: "unchanged" },
      });
    }
    let refused = 0;
    for (let offset = 0; refused === 0; offset += part.length) {
      expect(offset).toBeLessThan(300_000);
      const sent = await connection.call({ call: "upload", offset, part });
      if (!sent.ok) refused += 1;
    }
    expect(unwrap(await connection.call({ call: "install" }))).toMatchObject({
      answer: "refused",
      code: "malformed",
    });
    connection.close();
    await tee.stop();
  }));
