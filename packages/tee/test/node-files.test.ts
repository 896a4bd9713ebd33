import { constants, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { IoError, nodeFiles, type BlockFile } from "../src/index.ts";
import { temporaryFolder } from "./support/folder.ts";

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const opened = (name: string): BlockFile => {
  const file = nodeFiles(folder.path).open(name);
  if (file === undefined) throw new Error(`no ${name}`);
  return file;
};

describe("files in a folder", () => {
  it("are read and written in place, and read short at their end", () => {
    const file = nodeFiles(folder.path).create("file", 10);
    expect(file.read(0, 99)).toEqual(new Uint8Array(10));
    file.write(4, Uint8Array.of(1, 2, 3));
    file.write(9, Uint8Array.of(9, 9));
    file.close();
    const again = opened("file");
    expect(again.read(3, 4)).toEqual(Uint8Array.of(0, 1, 2, 3));
    expect(again.read(8, 99)).toEqual(Uint8Array.of(0, 9, 9));
    expect(again.read(50, 1)).toEqual(new Uint8Array());
    again.close();
  });

  it("are their owner's alone, made once, and missing where there is none", () => {
    const files = nodeFiles(folder.path);
    files.create("file", 1).close();
    expect(statSync(join(folder.path, "file")).mode & 0o777).toBe(0o600);
    expect(() => files.create("file", 1)).toThrow(IoError);
    expect(files.open("other")).toBeUndefined();
  });

  it("fail with the errno's name", () => {
    expect(() => nodeFiles(join(folder.path, "nowhere")).create("file", 1)).toThrow("ENOENT");
    const file = nodeFiles(folder.path).create("file", 1);
    file.close();
    expect(() => file.write(0, Uint8Array.of(1))).toThrow(new IoError("EBADF"));
  });

  it("pass on what no medium has said", () => {
    const file = nodeFiles(folder.path).create("file", 1);
    // A bug has no errno.
    expect(() => file.read(0, -1)).toThrow(RangeError);
    file.close();
  });

  it.runIf(process.platform === "linux")("are durable when a write returns: O_DSYNC", () => {
    const path = join(folder.path, "file");
    const file = nodeFiles(folder.path).create("file", 1);
    const isOurs = (fd: string): boolean => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`) === path;
      } catch {
        return false;
      }
    };
    const [fd] = readdirSync("/proc/self/fd").filter(isOurs);
    const flags = /flags:\s+([0-7]+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"))?.[1];
    expect(Number.parseInt(flags ?? "", 8) & constants.O_DSYNC).toBe(constants.O_DSYNC);
    file.close();
  });
});
