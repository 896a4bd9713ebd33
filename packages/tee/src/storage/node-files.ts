import { closeSync, constants, existsSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { IoError, type BlockFile, type FileStore } from "./block-file.ts";

const OWNER_ONLY = 0o600;

/**
 * Files in a folder. `O_DSYNC` makes each write durable before it returns: Node's permission model, under
 * which the trusted OS runs, forbids fsync and fdatasync, and one system call is no slower than two.
 */
export function nodeFiles(folder: string): FileStore {
  return {
    open(name) {
      const path = join(folder, name);
      return io(() => existsSync(path)) ? openFile(path, 0) : undefined;
    },
    create(name, size) {
      const file = openFile(join(folder, name), constants.O_CREAT | constants.O_EXCL);
      file.write(0, new Uint8Array(size));
      return file;
    },
  };
}

function openFile(path: string, flags: number): BlockFile {
  const fd = io(() => openSync(path, constants.O_RDWR | constants.O_DSYNC | flags, OWNER_ONLY));
  return {
    read: (position, length) => io(() => readAt(fd, position, length)),
    write: (position, bytes) => io(() => writeAt(fd, position, bytes)),
    close: () => io(() => closeSync(fd)),
  };
}

function readAt(fd: number, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const count = readSync(fd, bytes, done, length - done, position + done);
    if (count === 0) break;
    done += count;
  }
  return bytes.subarray(0, done);
}

function writeAt(fd: number, position: number, bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.length) {
    done += writeSync(fd, bytes, done, bytes.length - done, position + done);
  }
}

function io<T>(access: () => T): T {
  try {
    return access();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (typeof code === "string" && code.startsWith("E") && !code.startsWith("ERR_")) {
      throw new IoError(code, { cause: error });
    }
    throw error;
  }
}
