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
/** Where the chip keeps the two cells of the object's block, and where the data is in one. */
const CELLS = [(1 + 2 * BLOCK) * 4096, (2 + 2 * BLOCK) * 4096] as const;
const DATA_IN_CELL = 228;

type Subject = {
  readonly files: MemoryFiles;
  readonly rootOfTrust: () => RootOfTrust;
  readonly open: () => Result<SecureObject, StorageFault>;
};

async function subject(): Promise<Subject> {
  const { files, random, rootOfTrust } = await memoryDevice("object");
  createSecureObject(files, NAME);
  const open = (): Result<SecureObject, StorageFault> =>
    SecureObject.open({ files, random, rootOfTrust: rootOfTrust(), name: NAME, block: BLOCK });
  return { files, rootOfTrust, open };
}

/** Contents take several sectors, so that a cut write can leave some of them; from one to the next little changes. */
const bytes = (content: string): Uint8Array => new TextEncoder().encode(content.padEnd(LENGTH));
/** The same, with so much else in it that no anchor has room for what has changed. */
const other = (content: string, seed = content): Uint8Array => {
  const text = new TextEncoder().encode(content.padEnd(NOISE_AT));
  return Uint8Array.of(...text, ...seededRandom(seed)(LENGTH - NOISE_AT));
};
const NOISE_AT = 20;
const text = (content: Uint8Array | undefined): string | undefined =>
  content === undefined
    ? undefined
    : new TextDecoder().decode(content.subarray(0, NOISE_AT)).trimEnd();
const code = (opened: Result<SecureObject, StorageFault>): string | undefined =>
  opened.ok ? text(opened.value.content) : opened.error.code;

/** How its commits are made: what has changed in the anchor alone, its image written back afterwards, or the image first. */
type Way = "anchor alone" | "written back" | "image first";
const WAYS = ["anchor alone", "written back", "image first"] as const;

function commit(object: SecureObject, content: string, way: Way): void {
  unwrap(object.commit(way === "image first" ? other(content) : bytes(content)));
  if (way === "written back") unwrap(object.writeBack());
}

/** An object at its fifth commit, "5", and an image of all files after every commit. */
async function history(way: Way): Promise<Subject & { images: Image[] }> {
  const made = await subject();
  const object = unwrap(made.open());
  const images = [made.files.image()];
  for (const content of ["1", "2", "3", "4", "5"]) {
    commit(object, content, way);
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

  it("costs one durable write a commit, and one more afterwards; two where much has changed", async () => {
    const { files, open } = await subject();
    const object = unwrap(open());
    const writes = (work: () => unknown): number => {
      const before = files.writes;
      work();
      return files.writes - before;
    };
    for (let n = 1; n <= 5; n++) {
      expect(writes(() => object.commit(other(`${n}`)))).toBe(2);
      expect(writes(() => object.writeBack())).toBe(0);
      expect(writes(() => object.commit(bytes(`${n}`)))).toBe(2);
      expect(writes(() => object.commit(bytes(`${n}, changed`)))).toBe(1);
      expect(writes(() => object.writeBack())).toBe(1);
      expect(writes(() => object.writeBack())).toBe(0);
    }
  });

  it("holds small changes and large ones, whether they are written back or not, across restarts", async () => {
    const { open } = await subject();
    const step = fc.record({
      way: fc.constantFrom(...WAYS),
      content: fc.string({ maxLength: NOISE_AT - 1 }),
      restart: fc.boolean(),
    });
    let object = unwrap(open());
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        for (const { way, content, restart } of steps) {
          commit(object, content.trimEnd(), way);
          const held = object.content;
          if (restart) object = unwrap(open());
          expect(object.content).toEqual(held);
          expect(unwrap(open()).content).toEqual(held);
        }
      }),
    );
  });

  it("shows nothing of its content in the files", async () => {
    const { files, open } = await subject();
    const secret = "the PIN is 4711, the PIN is 4711";
    const object = unwrap(open());
    unwrap(object.commit(bytes(secret)));
    unwrap(object.commit(bytes(`${secret}, and 4711 it stays`)));
    for (const content of files.image().values()) {
      expect(Buffer.from(content).includes("4711")).toBe(false);
    }
  });

  it("never uses a nonce twice, also when a commit is cut and another takes its number", async () => {
    const { files, open } = await subject();
    unwrap(unwrap(open()).commit(bytes("before")));
    const before = files.image();
    const nonces = new Set<string>();
    // Of the image that is cut, and of the anchor that is cut.
    for (const [name, at, write] of [
      [NAME, 12, other],
      [RPMB, CELLS[1] + DATA_IN_CELL + 36, bytes],
    ] as const) {
      for (let attempt = 0; attempt < 20; attempt++) {
        const object = unwrap(open());
        files.cutPower(0, FATES.whole);
        expect(() => object.commit(write(`attempt ${attempt}`))).toThrow(PowerLoss);
        files.restart();
        const written =
          files
            .image()
            .get(name)
            ?.subarray(at, at + 12) ?? new Uint8Array();
        nonces.add(Buffer.from(written).toString("hex"));
        files.restore(before);
      }
    }
    expect(nonces.size).toBe(40);
  });
});

describe("a secure object after a crash", () => {
  const fates = Object.entries(FATES).map(([name, fate]) => ({ name, fate }));
  const cuts = fates.flatMap((fate) => [
    { ...fate, cut: 0 },
    { ...fate, cut: 1 },
  ]);
  it.each(cuts)("is settled for good: write $cut of two is $name", async ({ name, cut, fate }) => {
    const { files, open } = await history("image first");
    const object = unwrap(open());
    files.cutPower(cut, fate);
    expect(() => object.commit(other("after"))).toThrow(PowerLoss);
    files.restart();
    // Only the image can be lost; once it is whole, opening finishes the commit.
    const found = cut === 0 && name !== "whole" ? "5" : "after";
    expect(code(open())).toBe(found);
    expect(code(open())).toBe(found);
    unwrap(unwrap(open()).commit(bytes("next")));
    expect(code(open())).toBe("next");
  });

  it.each(fates)("is settled for good: the one write is $name", async ({ name, fate }) => {
    for (const way of WAYS) {
      const { files, open } = await history(way);
      const object = unwrap(open());
      unwrap(object.commit(bytes("before")));
      files.cutPower(0, fate);
      expect(() => object.commit(bytes("after"))).toThrow(PowerLoss);
      files.restart();
      // The last byte of the frames is that of their type, and it was there already.
      const found = ["whole", "oneByteShort"].includes(name) ? "after" : "before";
      expect(code(open())).toBe(found);
      expect(code(open())).toBe(found);
      unwrap(unwrap(open()).commit(other("next")));
      expect(code(open())).toBe("next");
    }
  });

  it.each(fates)("has lost nothing where it was writing back: $name", async ({ fate }) => {
    const { files, open } = await history("written back");
    const object = unwrap(open());
    unwrap(object.commit(bytes("6")));
    files.cutPower(0, fate);
    expect(() => object.writeBack()).toThrow(PowerLoss);
    files.restart();
    const again = unwrap(open());
    expect(text(again.content)).toBe("6");
    unwrap(again.writeBack());
    for (const write of [bytes, other]) {
      unwrap(again.commit(write("7")));
      expect(code(open())).toBe("7");
    }
  });

  it("survives any series of crashes, also while it recovers", async () => {
    const made = await history("written back");
    const image = made.files.image();
    const series = fc.array(
      fc.record({
        cut: fc.nat(4),
        fate: fc.constantFrom(...Object.values(FATES)),
        work: fc.array(fc.tuple(fc.nat(99), fc.constantFrom(...WAYS)), { maxLength: 3 }),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(series, (crashes) => {
        const { files, open } = made;
        files.restart();
        files.restore(image);
        let before = "5";
        for (const { cut, fate, work } of crashes) {
          let after = before;
          files.cutPower(cut, fate);
          try {
            const object = unwrap(open());
            for (const [content, way] of work) {
              after = `${content}`;
              commit(object, after, way);
              before = after;
            }
          } catch (error) {
            expect(error).toBeInstanceOf(PowerLoss);
          }
          files.restart();
          const found = code(open());
          expect([before, after]).toContain(found);
          before = found ?? "";
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ["lost", "5"],
    ["firstHalf", "5"],
    ["whole", "6"],
  ] as const)("finds out what a failed write left: %s", async (fate, found) => {
    for (const way of WAYS) {
      const { files, open } = await history(way);
      const object = unwrap(open());
      files.failWrites("ENOSPC", { fate: FATES[fate] });
      expect(object.commit(other("6"))).toMatchObject({ error: { code: "io-failed" } });
      expect(object.settled).toBe(false);
      expect(() => object.commit(bytes("7"))).toThrow("recovered");
      files.mend();
      unwrap(object.recover());
      expect(text(object.content)).toBe(found);
      expect(code(open())).toBe(found);
      unwrap(object.commit(bytes("7")));
      expect(code(open())).toBe("7");
    }
  });

  it("has to look again where an image could not be written back, and has everything", async () => {
    const { files, open } = await history("written back");
    const object = unwrap(open());
    unwrap(object.commit(bytes("6")));
    files.failWrites("EIO", { fate: FATES.firstHalf });
    expect(object.writeBack()).toMatchObject({ error: { code: "io-failed", detail: "EIO" } });
    expect(object.settled).toBe(false);
    // As long as it is not settled there is nothing that it could write.
    unwrap(object.writeBack());
    files.mend();
    unwrap(object.recover());
    expect(text(object.content)).toBe("6");
    unwrap(object.commit(bytes("7")));
    expect(code(open())).toBe("7");
  });
});

describe("a secure object whose files were meddled with", () => {
  it.each([
    ["image first", Array<string>(4).fill("object-rolled-back")],
    // The anchor says what has changed since the image of the fourth commit.
    ["written back", [...Array<string>(3).fill("object-rolled-back"), "5"]],
    // There is no image but the first, and the anchor has all that came after it.
    ["anchor alone", Array<string>(4).fill("5")],
  ] as const)("refuses every older file of its own, by name: %s", async (way, expected) => {
    const { files, open, images } = await history(way);
    const codes = images.slice(0, 5).map((image) => {
      files.restore(image, [NAME]);
      return code(open());
    });
    expect(codes).toEqual(["object-missing", ...expected]);
  });

  it.each(["image first", "written back"] as const)(
    "refuses every older anchor, by name; set back by one, it is brought forward again: %s",
    async (way) => {
      const { files, open, images } = await history(way);
      const now = files.image();
      const codes = images.slice(0, 5).map((image) => {
        files.restore(now);
        files.restore(image, [RPMB]);
        return code(open());
      });
      expect(codes).toEqual([...Array<string>(4).fill("anchor-rolled-back"), "5"]);
    },
  );

  it("cannot tell that the anchor was set back as long as nothing is written back", async () => {
    const { files, open, images } = await history("anchor alone");
    const now = files.image();
    const codes = images.slice(0, 5).map((image) => {
      files.restore(now);
      files.restore(image, [RPMB]);
      return code(open());
    });
    expect(codes).toEqual(["1", "1", "2", "3", "4"]);
  });

  it.each([
    ["whose image was written first", "6", "object-rolled-back"],
    // With what has changed in the anchor, the file that was brought back has all that it takes.
    ["with what has changed in its anchor", "5", "6, released"],
  ] as const)(
    "never goes back to a commit that was cut, kept, and brought back after another %s",
    async (_, noise, expected) => {
      const { files, open } = await history("image first");
      const before = files.image();
      files.cutPower(0, FATES.whole);
      const first = unwrap(open());
      expect(() => first.commit(other("6, never released"))).toThrow(PowerLoss);
      const kept = files.image();
      files.restart();
      files.restore(before);
      unwrap(unwrap(open()).commit(other("6, released", noise)));
      files.restore(kept, [NAME]);
      expect(code(open())).toBe(expected);
    },
  );

  it("refuses a later commit of another past than its own", async () => {
    const { files, open } = await history("image first");
    const fork = files.image();
    const elsewhere = unwrap(open());
    for (const content of ["6, elsewhere", "7, elsewhere"]) {
      unwrap(elsewhere.commit(other(content)));
    }
    const seven = files.image().get(NAME)?.slice(SLOT) ?? new Uint8Array();
    files.restore(fork);
    unwrap(unwrap(open()).commit(other("6")));
    const six = files.image().get(NAME)?.slice(0, SLOT) ?? new Uint8Array();
    files.restore(new Map([[NAME, Uint8Array.of(...six, ...seven)]]));
    expect(code(open())).toBe("anchor-rolled-back");
  });

  it("refuses an image that was written back in another past, though it has the number of the next", async () => {
    const { files, open } = await history("written back");
    const fork = files.image();
    const elsewhere = unwrap(open());
    commit(elsewhere, "6, elsewhere", "written back");
    commit(elsewhere, "7, elsewhere", "written back");
    const seven = files.image();
    files.restore(fork);
    commit(unwrap(open()), "6", "written back");
    const [own, foreign] = [files.image().get(NAME), seven.get(NAME)];
    for (const slot of [0, SLOT]) {
      const mixed = own?.slice() ?? new Uint8Array();
      mixed.set(foreign?.subarray(slot, slot + SLOT) ?? [], slot);
      files.restore(new Map([[NAME, mixed]]));
      expect(["6", "anchor-rolled-back", "object-rolled-back"]).toContain(code(open()));
    }
  });

  it("refuses another device's object", async () => {
    const [mine, another] = [await history("written back"), await memoryDevice("other")];
    createSecureObject(another.files, NAME);
    const rootOfTrust = (): RootOfTrust => another.rootOfTrust();
    const theirs = unwrap(
      SecureObject.open({ ...another, rootOfTrust: rootOfTrust(), name: NAME, block: BLOCK }),
    );
    for (const content of ["1", "2", "3", "4", "5"]) commit(theirs, content, "written back");
    mine.files.restore(another.files.image(), [NAME]);
    expect(code(mine.open())).toBe("object-damaged");
  });

  it("never shows anything but its content, or a fault, whichever bit is flipped", async () => {
    const { files, open } = await history("written back");
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
    // The image that the anchor names, that of the fourth commit, stands in slot 0, with 72 bytes around its content.
    for (let bit = 0; bit < (72 + LENGTH) * 8; bit += 7) {
      files.flipBit(NAME, bit);
      expect(code(open())).toBe("object-damaged");
      files.flipBit(NAME, bit);
    }
    // A bit of the chip's newest cell leaves the anchor before it, and the image that was written back brings it forward.
    for (const cell of CELLS.map((at) => at * 8)) {
      for (let bit = cell + 228 * 8; bit < cell + 1024 * 8; bit += 23) {
        const image = files.image();
        files.flipBit(RPMB, bit);
        expect(code(open())).toBe("5");
        files.restore(image);
      }
    }
  });

  it("says so when the anchor was not written by it", async () => {
    const { open, rootOfTrust } = await history("written back");
    const { replayProtected } = rootOfTrust();
    const value = unwrap(replayProtected.read(BLOCK));
    // A length that there is no room for, and content that is not authentic.
    for (const [at, byte] of [
      [44, 0xff],
      [46, (value[46] ?? 0) ^ 1],
    ] as const) {
      const changed = value.slice();
      changed[at] = byte;
      unwrap(replayProtected.write(BLOCK, changed));
      expect(code(open())).toBe("rpmb-damaged");
    }
    unwrap(replayProtected.write(BLOCK, value));
    expect(code(open())).toBe("5");
  });

  it("says so when the file is gone, cut short or empty", async () => {
    const { files, open } = await history("image first");
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
