/** One record to write, or without a value to delete. */
export type Change = {
  readonly kind: string;
  readonly key: string;
  readonly value: Uint8Array | undefined;
};

export type Row = { readonly key: string; readonly value: Uint8Array };

/**
 * Where a wallet keeps everything that it must not forget: bytes by kind and key. Kinds and keys are ASCII. Every call throws
 * `StoreFault` if the storage fails; to the wallet that is the same as a crash, after which `resume` goes on.
 */
export interface Store {
  get(kind: string, key: string): Promise<Uint8Array | undefined>;
  /** The records of a kind whose keys begin with `prefix`, in bytewise order of their keys. */
  list(kind: string, prefix?: string): Promise<readonly Row[]>;
  /** All of the changes or none; once it resolves they survive any crash. */
  commit(changes: readonly Change[]): Promise<void>;
  /** Lets another process have it. */
  close(): Promise<void>;
}

export type StoreFaultCode =
  | "store-locked"
  | "store-corrupt"
  | "store-version"
  | "store-full"
  | "store-failed"
  | "store-closed";

/** The storage could not do what it was asked; nothing of a commit that ended so was written, as far as it can tell. */
export class StoreFault extends Error {
  override readonly name = "StoreFault";
  readonly code: StoreFaultCode;

  constructor(code: StoreFaultCode, detail: string) {
    super(`${code}: ${detail}`);
    this.code = code;
  }
}
