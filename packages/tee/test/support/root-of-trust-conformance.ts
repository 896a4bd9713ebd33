import { nodeVerifier } from "@bezant/pki/node";
import { checkSignature, parseCertificate, unwrap, type Result } from "@bezant/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FileStore, RootOfTrust, StorageFault } from "../../src/index.ts";
import { MemoryFiles, seededRandom } from "../../src/simulation/index.ts";
import { VALUE_SIZE } from "../../src/root-of-trust/root-of-trust.ts";
import { createSecureObject, SecureObject } from "../../src/storage/secure-object.ts";

/** One device with the hardware under test. */
export type DeviceUnderTest = {
  /** Opens the root of trust; what a restart of the device gives. The suite closes what it opened. */
  readonly open: () => RootOfTrust;
  readonly dispose?: () => void;
};

/**
 * What every `RootOfTrust` must do, whatever it is made of. `factory` makes a new device, unlike any before; the suite
 * makes few and writes seldom, as hardware is slow and wears out.
 */
export function rootOfTrustConformance(
  name: string,
  factory: () => DeviceUnderTest | Promise<DeviceUnderTest>,
): void {
  const withDevice = async (run: (device: DeviceUnderTest) => void): Promise<void> => {
    const device = await factory();
    try {
      run(device);
    } finally {
      device.dispose?.();
    }
  };
  /** Opens, runs, closes: one life between two restarts. */
  const life = <T>(device: DeviceUnderTest, run: (rootOfTrust: RootOfTrust) => T): T => {
    const rootOfTrust = device.open();
    try {
      return run(rootOfTrust);
    } finally {
      rootOfTrust.close();
    }
  };
  const value = (byte: number): Uint8Array => new Uint8Array(VALUE_SIZE).fill(byte);

  describe(`the root of trust ${name}`, () => {
    it("has a device key, certified at its own security level", () =>
      withDevice((device) => {
        const identities = [1, 2].map(() =>
          life(device, (root) => {
            const { claims } = unwrap(parseCertificate(root.deviceCertificate));
            expect(claims).toMatchObject({ role: "device", key: root.deviceKey.compressed });
            expect(claims).toMatchObject({ securityLevel: root.securityLevel });
            return claims.key;
          }),
        );
        expect(identities[0]).toBe(identities[1]);
      }));

    it("signs any message with the device key, low-s", () =>
      withDevice((device) => {
        const { verify } = nodeVerifier();
        life(device, ({ sign, deviceKey: { compressed: key } }) => {
          fc.assert(
            fc.property(fc.uint8Array({ maxLength: 600 }), (message) => {
              const signature = sign(message);
              expect(checkSignature(signature)).toBeUndefined();
              expect(verify({ key, message, signature })).toBe(true);
              expect(verify({ key, message: Uint8Array.of(...message, 0), signature })).toBe(false);
            }),
            { numRuns: 16 },
          );
        });
      }));

    it("derives the same key for one purpose for ever, another for any other, on any other device", async () => {
      await withDevice((device) => {
        const derive = (purpose: string): string =>
          life(device, (root) => Buffer.from(root.deriveKey(purpose)).toString("hex"));
        expect(derive("storage")).toMatch(/^[0-9a-f]{64}$/);
        expect(derive("storage")).toBe(derive("storage"));
        expect(derive("storage")).not.toBe(derive("Storage"));
      });
      const keys: string[] = [];
      for (let made = 0; made < 2; made++) {
        await withDevice((device) => {
          life(device, (root) => {
            keys.push(Buffer.from(root.deriveKey("storage")).toString("hex"));
            keys.push(root.deviceKey.compressed);
          });
        });
      }
      expect(new Set(keys).size).toBe(4);
    });

    it("keeps values in replay-protected memory, each block for itself, across restarts", () =>
      withDevice((device) => {
        const writes = [
          [0, 1],
          [1, 2],
          [0, 3],
        ] as const;
        life(device, ({ replayProtected: memory }) => {
          expect(memory.blocks).toBeGreaterThanOrEqual(2);
          expect(unwrap(memory.read(1))).toEqual(value(0));
          for (const [block, byte] of writes) unwrap(memory.write(block, value(byte)));
          expect(unwrap(memory.read(0))).toEqual(value(3));
        });
        life(device, ({ replayProtected: memory }) => {
          expect(unwrap(memory.read(0))).toEqual(value(3));
          expect(unwrap(memory.read(1))).toEqual(value(2));
          unwrap(memory.write(1, Uint8Array.of(9)));
          const padded = new Uint8Array(VALUE_SIZE);
          padded[0] = 9;
          expect(unwrap(memory.read(1))).toEqual(padded);
        });
      }));

    it("refuses a block that it does not have", () =>
      withDevice((device) => {
        life(device, ({ replayProtected: memory }) => {
          for (const block of [memory.blocks, 0xffff]) {
            expect(memory.read(block).ok).toBe(false);
            expect(memory.write(block, value(1)).ok).toBe(false);
          }
        });
      }));

    it("anchors an object: the newest is read, an older one is refused", () =>
      withDevice((device) => {
        const files = new MemoryFiles();
        const random = seededRandom(name);
        createSecureObject(files, "object");
        const open = (root: RootOfTrust, store: FileStore): Result<SecureObject, StorageFault> =>
          SecureObject.open({ files: store, rootOfTrust: root, random, name: "object", block: 1 });
        life(device, (root) => {
          unwrap(unwrap(open(root, files)).commit(value(1)));
        });
        const old = files.image();
        life(device, (root) => {
          const object = unwrap(open(root, files));
          expect(object.content).toEqual(value(1));
          unwrap(object.commit(value(2)));
          unwrap(object.writeBack());
          unwrap(object.commit(value(3)));
        });
        life(device, (root) => {
          expect(unwrap(open(root, files)).content).toEqual(value(3));
          files.restore(old);
          expect(open(root, files)).toMatchObject({ error: { code: "object-rolled-back" } });
        });
      }));
  });
}
