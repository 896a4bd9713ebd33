import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { unwrap } from "@bezant/protocol";
import { describe, expect, it } from "vitest";
import { makeDevice, makePrivateKey, nodeFiles, openSoftwareRootOfTrust } from "../src/index.ts";
import {
  deterministicSigner,
  FATES,
  MemoryFiles,
  PowerLoss,
  seededRandom,
} from "../src/simulation/index.ts";
import { counterApp } from "./support/counter-app.ts";
import { certifyDevice, memoryDevice } from "./support/device.ts";
import {
  rootOfTrustConformance,
  type DeviceUnderTest,
} from "./support/root-of-trust-conformance.ts";

let made = 0;

rootOfTrustConformance("software, in memory", async (): Promise<DeviceUnderTest> => {
  const { rootOfTrust } = await memoryDevice(`device ${made++}`);
  return { open: rootOfTrust };
});

rootOfTrustConformance("software, in a folder", async (): Promise<DeviceUnderTest> => {
  const folder = mkdtempSync(join(tmpdir(), "bezant-rot-"));
  const files = nodeFiles(folder);
  const options = { identity: { certify: certifyDevice }, random: randomBytes };
  unwrap(await makeDevice(files, counterApp, options));
  return {
    open: () => unwrap(openSoftwareRootOfTrust(files, { random: randomBytes })),
    dispose: () => rmSync(folder, { recursive: true }),
  };
});

describe("the software root of trust", () => {
  it("says security level 1", async () => {
    const { rootOfTrust } = await memoryDevice("level");
    expect(rootOfTrust().securityLevel).toBe(1);
  });

  it("takes a device key and certificate that were prepared", async () => {
    const files = new MemoryFiles();
    const random = seededRandom("prepared");
    const privateKey = makePrivateKey(random);
    const other = await memoryDevice("other");
    const wrong = { privateKey, certificate: other.rootOfTrust().deviceCertificate };
    expect(await makeDevice(files, counterApp, { identity: wrong, random })).toEqual({
      ok: false,
      error: { code: "wrong-certificate" },
    });
    const { publicKey: deviceKey } = deterministicSigner(privateKey);
    const certificate = certifyDevice({ key: deviceKey.compressed, securityLevel: 1 });
    unwrap(await makeDevice(files, counterApp, { identity: { privateKey, certificate }, random }));
    const rootOfTrust = unwrap(openSoftwareRootOfTrust(files, { random }));
    expect(rootOfTrust.deviceCertificate).toEqual(certificate);
    expect(rootOfTrust.deviceKey).toEqual(deviceKey);
  });

  it("refuses what is no certificate for this device", async () => {
    for (const certificate of [new Uint8Array(), new Uint8Array(300), new Uint8Array([0x80])]) {
      const options = { identity: { certify: () => certificate }, random: seededRandom("junk") };
      expect(await makeDevice(new MemoryFiles(), counterApp, options)).toMatchObject({
        error: { code: "wrong-certificate" },
      });
    }
  });

  it("is no device before its making was complete, wherever that was cut", async () => {
    const whole = await memoryDevice("cut");
    const random = (): ((length: number) => Uint8Array) => seededRandom("cut");
    for (let cut = 0; cut < whole.files.writes; cut++) {
      for (const fate of Object.values(FATES)) {
        const files = new MemoryFiles();
        files.cutPower(cut, fate);
        const options = { identity: { certify: certifyDevice }, random: random() };
        await expect(makeDevice(files, counterApp, options)).rejects.toThrow(PowerLoss);
        files.restart();
        const opened = openSoftwareRootOfTrust(files, { random: random() });
        if (!opened.ok) {
          expect(["device-missing", "device-damaged", "rpmb-missing"]).toContain(opened.error.code);
        }
      }
    }
  });

  it("is damaged where a fuse is not as burnt, and missing without them", async () => {
    const { files, start } = await memoryDevice("fuses");
    for (let bit = 0; bit < 200 * 8; bit += 13) {
      files.flipBit("fuses", bit);
      expect(start()).toMatchObject({ error: { code: "device-damaged" } });
      files.flipBit("fuses", bit);
    }
    files.delete("fuses");
    expect(start()).toMatchObject({ error: { code: "device-missing" } });
  });
});
