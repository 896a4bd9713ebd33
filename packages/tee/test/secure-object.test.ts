import { unwrap } from "@bezant/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FATES, PowerLoss, seededRandom } from "../src/simulation/index.ts";
import { MAX_OBJECT } from "../src/storage/secure-object.ts";
import {
  NAME,
  RPMB,
  CELLS,
  DATA_IN_CELL,
  bytes,
  other,
  NOISE_AT,
  text,
  code,
  WAYS,
  commit,
  history,
  subject,
} from "./support/object-history.ts";

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
