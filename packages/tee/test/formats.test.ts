import { createHmac } from "node:crypto";
import { sha256, toHex, unwrap } from "@bezant/protocol";
import { describe, expect, it } from "vitest";
import { TEEC_ORIGINS, TEEC_RESULTS } from "../src/client/teec.ts";
import { makeDevice, openSoftwareRootOfTrust } from "../src/index.ts";
import { decodeTaObject, encodeTaObject } from "../src/os/ta-object.ts";
import { TA_OBJECT } from "../src/os/trusted-os.ts";
import {
  decodeFrame,
  encodeFrame,
  encodeKeyFrame,
  keyOfFrame,
  RPMB_RESULT,
  RPMB_TYPE,
} from "../src/rpmb/frame.ts";
import { deterministicSigner, MemoryFiles, seededRandom } from "../src/simulation/index.ts";
import { SecureObject } from "../src/storage/secure-object.ts";
import { certifyDevice, memoryDevice } from "./support/device.ts";
import { Maker } from "./support/maker.ts";

// A device outlives the release that made it, and its money is in these files: whoever changes a format has to say how the
// devices that are out there go on.
describe("what a device has on its medium", () => {
  it("is, byte for byte, what the first release is to write", async () => {
    const files = new MemoryFiles();
    const random = seededRandom("formats");
    const signer = deterministicSigner;
    const trustedApp = { measurement: new Uint8Array(32).fill(9), version: 3 };
    const options = { identity: { certify: certifyDevice }, manufacturer: new Maker().oemRoot };
    unwrap(await makeDevice(files, trustedApp, { ...options, random, signer }));
    const rootOfTrust = unwrap(openSoftwareRootOfTrust(files, { random, signer }));
    const object = unwrap(SecureObject.open({ files, rootOfTrust, random, ...TA_OBJECT }));
    // An image and its anchor, an anchor with a change, its image, and one more change.
    unwrap(object.commit(random(1000)));
    for (const n of [1, 2]) {
      unwrap(object.commit(new Uint8Array(100).fill(n)));
      if (n === 1) unwrap(object.writeBack());
    }
    const digests = [...files.image()].map(([name, bytes]) => `${name} ${toHex(sha256(bytes))}`);
    expect(digests.toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
      "fuses ce6dd8bdc1999f19c0615fd311f0a27a36bd8e00cca2da96eb4f1847b6d062da",
      "rpmb cfb0597133fde3efb52202d54a6619968cc66b240025b1eb15ba9574c4a010ca",
      "ta-object 0f8df760a7267fc55c940c7888a62a2a5eb0e4396db5b324610577d1bf734c12",
    ]);
  });

  it("is not written to while nobody knows what it holds", async () => {
    const device = await memoryDevice("unknown");
    const rootOfTrust = device.rootOfTrust();
    const object = unwrap(SecureObject.open({ ...device, rootOfTrust, ...TA_OBJECT }));
    expect(object.settled).toBe(true);
    device.files.flipBit(TA_OBJECT.name, (8192 + 60) * 8);
    expect(object.recover()).toMatchObject({ error: { code: "object-damaged" } });
    expect(object.settled).toBe(false);
    expect(object.content).toBeUndefined();
    expect(() => object.commit(Uint8Array.of(1))).toThrow("recovered");
    device.files.flipBit(TA_OBJECT.name, (8192 + 60) * 8);
    unwrap(object.recover());
    expect(object.settled).toBe(true);
    unwrap(object.commit(Uint8Array.of(1)));
  });

  it("names the TA, its key, its state and where its module is", () => {
    const object = {
      measurement: new Uint8Array(32).fill(1),
      version: 2,
      privateKey: new Uint8Array(32).fill(3),
      state: Uint8Array.of(4, 4),
      place: { slot: 1, size: 5 },
    };
    const bytes = `a5015820${"01".repeat(32)}0202035820${"03".repeat(32)}` + "0442040405a201010205";
    expect(toHex(encodeTaObject(object))).toBe(bytes);
    expect(decodeTaObject(encodeTaObject(object))).toEqual(object);
  });
});

describe("numbers of the standards", () => {
  it("are those of GlobalPlatform's TEE Client API 1.0 (§4.4), and of its Internal Core API", () => {
    expect(TEEC_RESULTS).toEqual({
      TEEC_SUCCESS: 0,
      TEEC_ERROR_GENERIC: 0xffff_0000,
      TEEC_ERROR_EXCESS_DATA: 0xffff_0004,
      TEEC_ERROR_BAD_FORMAT: 0xffff_0005,
      TEEC_ERROR_BAD_PARAMETERS: 0xffff_0006,
      TEEC_ERROR_BAD_STATE: 0xffff_0007,
      TEEC_ERROR_ITEM_NOT_FOUND: 0xffff_0008,
      TEEC_ERROR_OUT_OF_MEMORY: 0xffff_000c,
      TEEC_ERROR_BUSY: 0xffff_000d,
      TEEC_ERROR_COMMUNICATION: 0xffff_000e,
      TEEC_ERROR_TARGET_DEAD: 0xffff_3024,
      TEE_ERROR_STORAGE_NO_SPACE: 0xffff_3041,
      TEE_ERROR_CORRUPT_OBJECT: 0xf010_0001,
      TEE_ERROR_STORAGE_NOT_AVAILABLE: 0xf010_0003,
    });
    expect(TEEC_ORIGINS).toEqual({ api: 1, communication: 2, tee: 3, "trusted-app": 4 });
  });

  it("are those of JEDEC's replay-protected memory (JESD84-B51 §6.6.22)", () => {
    expect(Object.values(RPMB_TYPE)).toEqual([1, 2, 3, 4, 0x100, 0x200, 0x300, 0x400]);
    expect(Object.values(RPMB_RESULT)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 0x80]);
    const frame = {
      data: new Uint8Array(256).fill(1),
      nonce: new Uint8Array(16).fill(2),
      counter: 0x0304_0506,
      address: 0x0708,
      blockCount: 0x090a,
      result: 0x0b0c,
      type: 0x0d0e,
    };
    const bytes = encodeFrame(frame);
    expect(toHex(bytes)).toBe(
      "00".repeat(228) + "01".repeat(256) + "02".repeat(16) + "030405060708090a0b0c0d0e",
    );
    expect(decodeFrame(bytes)).toEqual(frame);
    const key = new Uint8Array(32).fill(3);
    const signed = encodeFrame(frame, key);
    const mac = createHmac("sha256", key).update(bytes.subarray(228)).digest("hex");
    expect(toHex(signed)).toBe("00".repeat(196) + mac + toHex(bytes.subarray(228)));
    expect(keyOfFrame(encodeKeyFrame(key))).toEqual(key);
  });
});
