import { createHmac } from "node:crypto";
import { toHex, unwrap } from "@bezant/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createChip, openChip, type Chip } from "../src/rpmb/chip.ts";
import {
  decodeFrame,
  encodeFrame,
  encodeKeyFrame,
  FRAME_SIZE,
  isAuthentic,
  RPMB_RESULT,
  RPMB_TYPE,
} from "../src/rpmb/frame.ts";
import { programKey, RpmbHost } from "../src/rpmb/host.ts";
import { FATES, MemoryFiles, PowerLoss, seededRandom } from "../src/simulation/index.ts";

const KEY = new Uint8Array(32).fill(0x4b);
/** Half sectors, and the values of one sector each that they hold. */
const HALF_SECTORS = 8;
const BLOCKS = 4;

function newChip({ key = KEY }: { key?: Uint8Array | undefined } = {}): {
  files: MemoryFiles;
  chip: Chip;
  host: RpmbHost;
} {
  const files = new MemoryFiles();
  createChip(files, "rpmb", HALF_SECTORS);
  const chip = unwrap(openChip(files, "rpmb"));
  unwrap(programKey(chip, key));
  return { files, chip, host: new RpmbHost(chip, KEY, seededRandom("host")) };
}

const reopen = (files: MemoryFiles): RpmbHost =>
  new RpmbHost(unwrap(openChip(files, "rpmb")), KEY, seededRandom("again"));
const value = (byte: number): Uint8Array => new Uint8Array(512).fill(byte);
const writeFrame = (counter: number, address = 0, byte = 1): Uint8Array =>
  encodeFrame(
    {
      type: RPMB_TYPE.write,
      counter,
      address,
      blockCount: 2,
      data: value(byte),
    },
    KEY,
  );

describe("the RPMB frame", () => {
  it("has the fields of JESD84-B51 where the standard has them", () => {
    const data = new Uint8Array(256).fill(0xda);
    const nonce = new Uint8Array(16).fill(0x90);
    const frame = { type: 0x0300, data, nonce, counter: 0x01020304, address: 0x0506 };
    const bytes = encodeFrame({ ...frame, blockCount: 0x0708, result: 0x090a }, KEY);
    const expected = Buffer.alloc(FRAME_SIZE);
    expected.fill(0xda, 228, 484).fill(0x90, 484, 500);
    Buffer.from("0102030405060708090a0300", "hex").copy(expected, 500);
    createHmac("sha256", KEY).update(expected.subarray(228)).digest().copy(expected, 196);
    expect(Buffer.from(bytes).equals(expected)).toBe(true);
    expect(decodeFrame(bytes)).toEqual({ ...frame, blockCount: 0x0708, result: 0x090a });
  });

  it("comes in as many as there are half sectors, and the last one carries the MAC of all", () => {
    const data = new Uint8Array(512).fill(0xaa, 0, 256).fill(0xbb, 256);
    const bytes = encodeFrame({ type: 0x0003, data, counter: 7, address: 4, blockCount: 2 }, KEY);
    const [first, last] = [bytes.subarray(0, FRAME_SIZE), bytes.subarray(FRAME_SIZE)];
    const fields = `${"00".repeat(16)}000000070004000200000003`;
    expect(toHex(first)).toBe("00".repeat(228) + "aa".repeat(256) + fields);
    const mac = createHmac("sha256", KEY).update(first.subarray(228)).update(last.subarray(228));
    expect(toHex(last)).toBe("00".repeat(196) + mac.digest("hex") + "bb".repeat(256) + fields);
    expect(decodeFrame(bytes)).toMatchObject({ data, counter: 7, address: 4, blockCount: 2 });
  });

  it("is authentic only as it was made", () => {
    const bytes = writeFrame(1);
    expect(isAuthentic(bytes, KEY)).toBe(true);
    // All behind the MAC field of the first frame, and from that field on in the last.
    const covered = fc.oneof(
      fc.integer({ min: 228 * 8, max: FRAME_SIZE * 8 - 1 }),
      fc.integer({ min: (FRAME_SIZE + 196) * 8, max: 2 * FRAME_SIZE * 8 - 1 }),
    );
    fc.assert(
      fc.property(covered, (bit) => {
        const changed = bytes.slice();
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        return !isAuthentic(changed, KEY);
      }),
    );
  });
});

describe("the RPMB chip", () => {
  const result = (chip: Chip, request: Uint8Array): number =>
    decodeFrame(chip.exchange(request)).result;

  it("does nothing before its key is programmed, and takes a key once", () => {
    const files = new MemoryFiles();
    createChip(files, "rpmb", HALF_SECTORS);
    const chip = unwrap(openChip(files, "rpmb"));
    for (const type of [RPMB_TYPE.read, RPMB_TYPE.readCounter, RPMB_TYPE.write]) {
      expect(result(chip, encodeFrame({ type }, KEY))).toBe(RPMB_RESULT.keyNotProgrammed);
    }
    expect(result(chip, encodeKeyFrame(KEY))).toBe(RPMB_RESULT.ok);
    expect(result(chip, encodeKeyFrame(value(1).subarray(0, 32)))).toBe(RPMB_RESULT.generalFailure);
    const again = unwrap(openChip(files, "rpmb"));
    expect(result(again, encodeKeyFrame(KEY))).toBe(RPMB_RESULT.generalFailure);
    expect(result(again, writeFrame(0))).toBe(RPMB_RESULT.ok);
  });

  it("refuses a write without the key, with another counter, address or block count", () => {
    const { chip } = newChip();
    const forged = encodeFrame(
      { type: RPMB_TYPE.write, blockCount: 2, data: value(0) },
      value(9).subarray(0, 32),
    );
    expect(result(chip, forged)).toBe(RPMB_RESULT.authenticationFailure);
    expect(result(chip, writeFrame(1))).toBe(RPMB_RESULT.counterFailure);
    for (const address of [HALF_SECTORS, 1]) {
      expect(result(chip, writeFrame(0, address))).toBe(RPMB_RESULT.addressFailure);
    }
    const write = { type: RPMB_TYPE.write, data: value(0) };
    for (const other of [
      { ...write, blockCount: 1 },
      { ...write, blockCount: 2, data: new Uint8Array(256) },
      { ...write, blockCount: 2, data: new Uint8Array(3 * 256) },
      { type: RPMB_TYPE.read, blockCount: 1 },
    ]) {
      expect(result(chip, encodeFrame(other, KEY))).toBe(RPMB_RESULT.generalFailure);
    }
    expect(result(chip, encodeFrame({ type: 0x0077 }, KEY))).toBe(RPMB_RESULT.generalFailure);
    expect(result(chip, writeFrame(0))).toBe(RPMB_RESULT.ok);
    expect(result(chip, writeFrame(0))).toBe(RPMB_RESULT.counterFailure);
  });

  it("answers with the counter after the write, authenticated", () => {
    const { chip } = newChip();
    const bytes = chip.exchange(writeFrame(0, 2));
    expect(isAuthentic(bytes, KEY)).toBe(true);
    expect(decodeFrame(bytes)).toMatchObject({ type: 0x0300, result: 0, counter: 1, address: 2 });
  });

  it("stops writing, and goes on reading, when the write counter is at its end", () => {
    const { files, chip } = newChip();
    const last = writeFrame(0xffff_fffe, 0, 8);
    files.open("rpmb")?.write(4096, last);
    chip.close();
    const host = reopen(files);
    expect(unwrap(host.read(0))).toEqual(value(8));
    expect(host.write(0, value(9))).toMatchObject({ ok: false, error: { code: "rpmb-worn-out" } });
    expect(unwrap(host.read(0))).toEqual(value(8));
  });

  it("is damaged where its key record is not as written, and missing without its file", () => {
    const { files } = newChip();
    for (const bit of [0, 8 * 8, 10 * 8, 60 * 8]) {
      files.flipBit("rpmb", bit);
      expect(openChip(files, "rpmb")).toMatchObject({ error: { code: "rpmb-damaged" } });
      files.flipBit("rpmb", bit);
    }
    expect(openChip(files, "nothing")).toMatchObject({ error: { code: "rpmb-missing" } });
  });
});

describe("the RPMB host", () => {
  it("reads what it wrote, across restarts, each block for itself", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(BLOCKS - 1), fc.integer({ min: 1, max: 255 })), { maxLength: 20 }),
        (writes) => {
          const { files, host } = newChip();
          const expected = Array.from({ length: BLOCKS }, () => 0);
          for (const [block, byte] of writes) {
            unwrap(host.write(block, value(byte)));
            expected[block] = byte;
          }
          for (const reader of [host, reopen(files)]) {
            expected.forEach((byte, block) => {
              expect(unwrap(reader.read(block))).toEqual(value(byte));
            });
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it.each(Object.entries(FATES))("goes on from the old value or the new: %s", (name, fate) => {
    const { files, host } = newChip();
    unwrap(host.write(1, value(1)));
    unwrap(host.write(2, value(7)));
    files.cutPower(0, fate);
    expect(() => host.write(1, value(2))).toThrow(PowerLoss);
    files.restart();
    const again = reopen(files);
    expect(unwrap(again.read(1))).toEqual(value(name === "whole" ? 2 : 1));
    expect(unwrap(again.read(2))).toEqual(value(7));
    unwrap(again.write(1, value(3)));
    expect(unwrap(reopen(files).read(1))).toEqual(value(3));
  });

  it("says io-failed for a failing medium, and goes on when it is mended", () => {
    const { files, host } = newChip();
    unwrap(host.write(0, value(1)));
    files.failWrites("EIO");
    expect(host.write(0, value(2))).toMatchObject({ error: { code: "io-failed" } });
    expect(unwrap(host.read(0))).toEqual(value(1));
    files.mend();
    unwrap(host.write(0, value(3)));
    expect(unwrap(host.read(0))).toEqual(value(3));
    // A write that failed may have reached the medium all the same; what counts is what stands there.
    files.failWrites("EIO", { fate: FATES.whole });
    expect(host.write(0, value(4))).toMatchObject({ error: { code: "io-failed" } });
    files.mend();
    expect(unwrap(host.read(0))).toEqual(value(4));
    expect(unwrap(reopen(files).read(0))).toEqual(value(4));
  });

  it("believes no recorded, foreign or changed answer", () => {
    const { chip } = newChip();
    const recorded: Uint8Array[] = [];
    const behind = (answer: (request: Uint8Array) => Uint8Array): RpmbHost =>
      new RpmbHost({ blocks: HALF_SECTORS, exchange: answer }, KEY, seededRandom("host"));
    const recording = behind((request) => {
      const bytes = chip.exchange(request);
      recorded.push(bytes);
      return bytes;
    });
    unwrap(recording.write(0, value(1)));
    unwrap(recording.read(0));
    unwrap(recording.write(0, value(2)));
    const refused = { ok: false, error: { code: "rpmb-refused" } };
    for (const old of recorded) {
      const replaying = new RpmbHost(
        { blocks: HALF_SECTORS, exchange: () => old },
        KEY,
        seededRandom("other"),
      );
      expect(replaying.read(0)).toMatchObject(refused);
      expect(replaying.write(0, value(3))).toMatchObject(refused);
    }
    const changing = behind((request) => {
      const bytes = chip.exchange(request);
      bytes[230] = (bytes[230] ?? 0) ^ 1;
      return bytes;
    });
    expect(changing.read(0)).toMatchObject(refused);
    const { chip: foreign } = newChip({ key: value(5).subarray(0, 32) });
    expect(behind((request) => foreign.exchange(request)).read(0)).toMatchObject(refused);
    const elsewhere = behind((request) => {
      const { nonce, type } = decodeFrame(request);
      return chip.exchange(encodeFrame({ type, nonce, address: 2, blockCount: 2 }, KEY));
    });
    expect(elsewhere.read(0)).toMatchObject(refused);
  });
});
