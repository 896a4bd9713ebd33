import { unwrap, type Result } from "@bezant/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RootOfTrust, StorageFault } from "../src/index.ts";
import {
  FATES,
  type MemoryFiles,
  PowerLoss,
  seededRandom,
  type Image,
} from "../src/simulation/index.ts";
import { createSecureObject, MAX_OBJECT, SecureObject } from "../src/storage/secure-object.ts";
import { memoryDevice } from "./support/device.ts";

const NAME = "object";
const BLOCK = 3;
const RPMB = "rpmb";
const SLOT = 8192;
const LENGTH = 1500;

type Subject = {
  readonly files: MemoryFiles;
  readonly open: () => Result<SecureObject, StorageFault>;
};

async function subject(): Promise<Subject> {
  const { files, random, rootOfTrust } = await memoryDevice("object");
  createSecureObject(files, NAME);
  const open = (): Result<SecureObject, StorageFault> =>
    SecureObject.open({ files, random, rootOfTrust: rootOfTrust(), name: NAME, block: BLOCK });
  return { files, open };
}

/** Contents take several sectors, so that a cut write can leave some of them. */
const bytes = (content: string): Uint8Array => new TextEncoder().encode(content.padEnd(LENGTH));
const text = (content: Uint8Array | undefined): string | undefined =>
  content === undefined ? undefined : new TextDecoder().decode(content).trimEnd();
const code = (opened: Result<SecureObject, StorageFault>): string | undefined =>
  opened.ok ? text(opened.value.content) : opened.error.code;

/** An object at its fifth commit, "5", and an image of all files after every commit. */
async function history(): Promise<Subject & { images: Image[] }> {
  const made = await subject();
  const object = unwrap(made.open());
  const images = [made.files.image()];
  for (const content of ["1", "2", "3", "4", "5"]) {
    unwrap(object.commit(bytes(content)));
    images.push(made.files.image());
  }
  return { ...made, images };
}

describe("a secure object", () => {
  it("holds what was committed last, whatever its size", async () => {
    const { open } = await subject();
    expect(unwrap(open()).content).toBeUndefined();
    const random = seededRandom("contents");
    const object = unwrap(open());
    for (const length of [0, 1, 4096, 17, MAX_OBJECT, 5000]) {
      const content = random(length);
      unwrap(object.commit(content));
      expect(object.content).toEqual(content);
      expect(unwrap(open()).content).toEqual(content);
    }
    expect(() => object.commit(new Uint8Array(MAX_OBJECT + 1))).toThrow(RangeError);
  });

  it("costs two durable writes a commit: the object, then its anchor", async () => {
    const { files, open } = await subject();
    const object = unwrap(open());
    for (let commit = 1; commit <= 5; commit++) {
      const before = files.writes;
      unwrap(object.commit(new Uint8Array(4300)));
      expect(files.writes - before).toBe(2);
    }
  });

  it("shows nothing of its content in the files", async () => {
    const { files, open } = await subject();
    const secret = "the PIN is 4711, the PIN is 4711";
    const object = unwrap(open());
    unwrap(object.commit(bytes(secret)));
    unwrap(object.commit(bytes(secret)));
    for (const content of files.image().values()) {
      expect(Buffer.from(content).includes("4711")).toBe(false);
    }
  });

  it("never uses a nonce twice, also when a commit is cut and another takes its number", async () => {
    const { files, open } = await subject();
    unwrap(unwrap(open()).commit(bytes("before")));
    const before = files.image();
    const nonces = new Set<string>();
    for (let attempt = 0; attempt < 20; attempt++) {
      const object = unwrap(open());
      files.cutPower(0, FATES.whole);
      expect(() => object.commit(bytes(`attempt ${attempt}`))).toThrow(PowerLoss);
      files.restart();
      const slot = files.image().get(NAME)?.subarray(0, SLOT) ?? new Uint8Array();
      nonces.add(Buffer.from(slot.subarray(12, 24)).toString("hex"));
      files.restore(before);
    }
    expect(nonces.size).toBe(20);
  });
});

describe("a secure object after a crash", () => {
  const cuts = Object.entries(FATES).flatMap(([name, fate]) => [
    { name, cut: 0, fate },
    { name, cut: 1, fate },
  ]);
  it.each(cuts)("is settled for good: write $cut is $name", async ({ name, cut, fate }) => {
    const { files, open } = await history();
    const object = unwrap(open());
    files.cutPower(cut, fate);
    expect(() => object.commit(bytes("after"))).toThrow(PowerLoss);
    files.restart();
    // Only the object's write can be lost; once it is whole, opening finishes the commit.
    const found = cut === 0 && name !== "whole" ? "5" : "after";
    expect(code(open())).toBe(found);
    expect(code(open())).toBe(found);
    unwrap(unwrap(open()).commit(bytes("next")));
    expect(code(open())).toBe("next");
  });

  it("survives any series of crashes, also while it recovers", async () => {
    const made = await history();
    const image = made.files.image();
    const series = fc.array(
      fc.tuple(fc.nat(3), fc.constantFrom(...Object.values(FATES)), fc.nat(99)),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(series, (crashes) => {
        const { files, open } = made;
        files.restart();
        files.restore(image);
        let before = "5";
        for (const [cut, fate, content] of crashes) {
          const after = `${content}`;
          files.cutPower(cut, fate);
          try {
            unwrap(unwrap(open()).commit(bytes(after)));
          } catch (error) {
            expect(error).toBeInstanceOf(PowerLoss);
          }
          files.restart();
          const found = code(open());
          expect([before, after]).toContain(found);
          before = found ?? "";
        }
      }),
    );
  });

  it.each([
    ["lost", "5"],
    ["firstHalf", "5"],
    ["whole", "6"],
  ] as const)("finds out what a failed write left: %s", async (fate, found) => {
    const { files, open } = await history();
    const object = unwrap(open());
    files.failWrites("ENOSPC", { fate: FATES[fate] });
    const failed = { error: { code: "io-failed", detail: "ENOSPC" } };
    expect(object.commit(bytes("6"))).toMatchObject(failed);
    expect(object.settled).toBe(false);
    expect(() => object.commit(bytes("7"))).toThrow("recovered");
    files.mend();
    unwrap(object.recover());
    expect(text(object.content)).toBe(found);
    expect(code(open())).toBe(found);
    unwrap(object.commit(bytes("7")));
    expect(code(open())).toBe("7");
  });
});

describe("a secure object whose files were meddled with", () => {
  it("refuses every older file of its own, by name", async () => {
    const { files, open, images } = await history();
    const codes = images.slice(0, 5).map((image) => {
      files.restore(image, [NAME]);
      return code(open());
    });
    expect(codes).toEqual(["object-missing", ...Array<string>(4).fill("object-rolled-back")]);
  });

  it("refuses every older anchor, by name; set back by one, it is brought forward again", async () => {
    const { files, open, images } = await history();
    const now = files.image();
    const codes = images.slice(0, 5).map((image) => {
      files.restore(now);
      files.restore(image, [RPMB]);
      return code(open());
    });
    expect(codes).toEqual([...Array<string>(4).fill("anchor-rolled-back"), "5"]);
  });

  it("refuses a commit that was cut, kept, and brought back after another took its place", async () => {
    const { files, open } = await history();
    const before = files.image();
    files.cutPower(0, FATES.whole);
    const first = unwrap(open());
    expect(() => first.commit(bytes("6, never released"))).toThrow(PowerLoss);
    const kept = files.image();
    files.restart();
    files.restore(before);
    unwrap(unwrap(open()).commit(bytes("6, released")));
    files.restore(kept, [NAME]);
    expect(code(open())).toBe("object-rolled-back");
  });

  it("refuses a later commit of another past than its own", async () => {
    const { files, open } = await history();
    const fork = files.image();
    const other = unwrap(open());
    for (const content of ["6, elsewhere", "7, elsewhere"]) unwrap(other.commit(bytes(content)));
    const seven = files.image().get(NAME)?.slice(SLOT) ?? new Uint8Array();
    files.restore(fork);
    unwrap(unwrap(open()).commit(bytes("6")));
    const six = files.image().get(NAME)?.slice(0, SLOT) ?? new Uint8Array();
    files.restore(new Map([[NAME, Uint8Array.of(...six, ...seven)]]));
    expect(code(open())).toBe("anchor-rolled-back");
  });

  it("refuses another device's object", async () => {
    const [mine, other] = [await history(), await memoryDevice("other")];
    createSecureObject(other.files, NAME);
    const rootOfTrust = (): RootOfTrust => other.rootOfTrust();
    const theirs = unwrap(
      SecureObject.open({ ...other, rootOfTrust: rootOfTrust(), name: NAME, block: BLOCK }),
    );
    for (const content of ["1", "2", "3", "4", "5"]) unwrap(theirs.commit(bytes(content)));
    mine.files.restore(other.files.image(), [NAME]);
    expect(code(mine.open())).toBe("object-damaged");
  });

  it("never shows anything but its content, or a fault, whichever bit is flipped", async () => {
    const { files, open } = await history();
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(fc.nat(2 * SLOT * 8 - 1), (bit) => {
        files.flipBit(NAME, bit);
        const found = code(open()) ?? "";
        files.flipBit(NAME, bit);
        seen.set(found, (seen.get(found) ?? 0) + 1);
        expect(["5", "object-damaged"]).toContain(found);
      }),
    );
    // The newest image stands in slot 1, with 72 bytes around its content.
    for (let bit = SLOT * 8; bit < (SLOT + 72 + LENGTH) * 8; bit += 7) {
      files.flipBit(NAME, bit);
      expect(code(open())).toBe("object-damaged");
      files.flipBit(NAME, bit);
    }
    // A bit of the chip's newest cell leaves the anchor before it, and the object brings it forward.
    const cells = [1 + 2 * BLOCK, 2 + 2 * BLOCK].map((cell) => cell * 4096 * 8);
    for (const cell of cells) {
      for (let bit = cell + 196 * 8; bit < cell + 512 * 8; bit += 11) {
        const image = files.image();
        files.flipBit(RPMB, bit);
        expect(code(open())).toBe("5");
        files.restore(image);
      }
    }
  });

  it("says so when the file is gone, cut short or empty", async () => {
    const { files, open } = await history();
    const now = files.image();
    files.delete(NAME);
    expect(code(open())).toBe("object-missing");
    files.restore(new Map([[NAME, new Uint8Array(2 * SLOT)]]));
    expect(code(open())).toBe("object-missing");
    files.restore(new Map([[NAME, (now.get(NAME) ?? new Uint8Array()).slice(0, SLOT + 40)]]));
    expect(code(open())).toBe("object-damaged");
    files.restore(now);
    expect(code(open())).toBe("5");
  });
});
