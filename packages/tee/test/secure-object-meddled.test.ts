import { unwrap } from "@bezant/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RootOfTrust } from "../src/index.ts";
import { FATES, PowerLoss } from "../src/simulation/index.ts";
import { createSecureObject, SecureObject } from "../src/storage/secure-object.ts";
import { memoryDevice } from "./support/device.ts";
import {
  NAME,
  BLOCK,
  RPMB,
  SLOT,
  LENGTH,
  CELLS,
  other,
  code,
  commit,
  history,
} from "./support/object-history.ts";

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
