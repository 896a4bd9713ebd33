import { randomBytes } from "node:crypto";
import { err, unwrap, type Result } from "@bezant/protocol";
import {
  loadTrustedApp,
  makeDevice,
  openSoftwareRootOfTrust,
  opsTrustedApp,
  TrustedOs,
} from "@bezant/tee";
import { connectInProcess, OPS_TA_UUID, type Invocation, type TeecError } from "@bezant/tee/client";
import { MemoryFiles } from "@bezant/tee/simulation";
import { Institutions } from "@bezant/testkit";
import { expect, it } from "vitest";
import { openDevice } from "../../src/index.ts";

const LOST: TeecError = {
  code: "TEEC_ERROR_COMMUNICATION",
  origin: "communication",
  state: "unknown",
};

it("a device leaves no session open that it has given up", async () => {
  const files = new MemoryFiles();
  const random = randomBytes;
  const trustedApp = unwrap(loadTrustedApp(opsTrustedApp()));
  const identity = { certify: new Institutions().certifyDevice };
  unwrap(await makeDevice(files, trustedApp, { identity, random }));
  const rootOfTrust = unwrap(openSoftwareRootOfTrust(files, { random }));
  const tos = { measurement: new Uint8Array(32), version: 1 };
  const os = unwrap(TrustedOs.start({ files, random, trustedApp, tos, rootOfTrust }));
  const open = new Set<number>();
  let lose = false;
  const device = openDevice(
    connectInProcess({
      openSession: (uuid) => {
        const opened = os.openSession(uuid);
        if (opened.ok) open.add(opened.value);
        return opened;
      },
      invokeCommand: (...command): Result<Invocation, TeecError> => {
        const answer = os.invokeCommand(...command);
        return lose ? err(LOST) : answer;
      },
      closeSession: (session) => {
        os.closeSession(session);
        open.delete(session);
      },
      writeBack: () => os.writeBack(),
    }),
    OPS_TA_UUID,
  );

  // More than the trusted OS keeps sessions.
  for (let i = 0; i < 1100; i++) {
    lose = true;
    expect(await device.getInfo()).toMatchObject({ error: { code: "device-interrupted" } });
    expect(open.size).toBe(0);
    lose = false;
    expect(unwrap(await device.getInfo()).phase).toBe("blank");
    expect(open.size).toBe(1);
  }
});

it("calls that overlap are each told that the connection was lost", async () => {
  const device = openDevice(
    connectInProcess({
      openSession: () => ({ ok: true, value: 1 }),
      invokeCommand: () => err(LOST),
      closeSession: () => undefined,
      writeBack: () => undefined,
    }),
    OPS_TA_UUID,
  );
  await device.getInfo();
  const both = await Promise.all([device.getInfo(), device.getInfo(), device.getInfo()]);
  for (const one of both) expect(one).toMatchObject({ error: { code: "device-interrupted" } });
});
