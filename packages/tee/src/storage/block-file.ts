/**
 * A file or partition that is read and written in place. Everything the trusted OS keeps goes through
 * this, so that a test can cut the power at any write.
 */
export type BlockFile = {
  /** The bytes from `position`; fewer than `length` where the file ends. */
  readonly read: (position: number, length: number) => Uint8Array;
  /** Writes in place and returns once the bytes are durable: one pwrite and one fdatasync. */
  readonly write: (position: number, bytes: Uint8Array) => void;
  readonly close: () => void;
};

/** The files of one device, by name. */
export type FileStore = {
  /** An existing file, or undefined. */
  readonly open: (name: string) => BlockFile | undefined;
  /** A new file of `size` zero bytes, durable; throws `IoError` where there is one already. */
  readonly create: (name: string, size: number) => BlockFile;
};

/** The medium failed (full, broken, gone). What a failed write has left behind is unknown. */
export class IoError extends Error {
  override readonly name = "IoError";
  /** The errno name, such as `ENOSPC`. */
  readonly errno: string;

  constructor(errno: string, options?: ErrorOptions) {
    super(`input or output failed: ${errno}`, options);
    this.errno = errno;
  }
}

/** Runs an access to a file; gives the `IoError` instead of throwing it. Anything else is a bug and passes. */
export function catchIo<T>(access: () => T): T | IoError {
  try {
    return access();
  } catch (error) {
    if (error instanceof IoError) return error;
    throw error;
  }
}
