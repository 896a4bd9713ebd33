import { err, ok, type Result } from "@bezant/protocol";
import { StoreFault, type Change, type Row, type Store } from "../store/store.ts";

/** The process died. Everything that it still calls throws this, too. */
export class Crash extends Error {
  override readonly name = "Crash";
}

/** What happens instead of a commit. */
export type CommitFault = "crash-before" | "crash-after" | "full";

export type DiskImage = ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>;

/**
 * The disk under a wallet in a simulation: it outlives the process that opened it. `beforeCommit` is asked at every commit
 * and may answer a fault.
 */
export class MemoryDisk {
  readonly #kinds = new Map<string, Map<string, Uint8Array>>();
  #holder: object | undefined;
  beforeCommit: () => CommitFault | undefined = () => undefined;

  open(): Result<Store, StoreFault> {
    if (this.#holder !== undefined) {
      return err(new StoreFault("store-locked", "it is open already"));
    }
    const holder = {};
    this.#holder = holder;
    const needHolder = (): void => {
      if (this.#holder !== holder) throw new StoreFault("store-closed", "it was closed");
    };
    return ok({
      // oxlint-disable-next-line typescript/require-await -- turns what is thrown into a rejection
      get: async (kind, key) => {
        needHolder();
        return this.#kinds.get(kind)?.get(key)?.slice();
      },
      // oxlint-disable-next-line typescript/require-await -- as above
      list: async (kind, prefix = "") => {
        needHolder();
        return this.#list(kind, prefix);
      },
      // oxlint-disable-next-line typescript/require-await -- as above
      commit: async (changes) => {
        needHolder();
        this.#commit(changes);
      },
      // oxlint-disable-next-line typescript/require-await -- as above
      close: async () => {
        if (this.#holder === holder) this.#holder = undefined;
      },
    });
  }

  /** The process that had it open is gone. */
  kill(): void {
    this.#holder = undefined;
  }

  /** A copy of everything on it. */
  image(): DiskImage {
    const used = [...this.#kinds].filter(([, records]) => records.size > 0);
    return new Map(used.map(([kind, records]) => [kind, new Map(records)]));
  }

  /** Puts an earlier copy back, as a thief or a backup does. */
  restore(image: DiskImage): void {
    this.#kinds.clear();
    for (const [kind, records] of image) this.#kinds.set(kind, new Map(records));
  }

  /** Damages one record, as a failing medium does. */
  damage(kind: string, key: string, bytes: Uint8Array): void {
    this.#kinds.get(kind)?.set(key, bytes);
  }

  #list(kind: string, prefix: string): Row[] {
    const rows = [...(this.#kinds.get(kind) ?? [])].filter(([key]) => key.startsWith(prefix));
    return rows
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => ({ key, value: value.slice() }));
  }

  #commit(changes: readonly Change[]): void {
    const fault = this.beforeCommit();
    if (fault === "full") throw new StoreFault("store-full", "no room");
    if (fault !== "crash-before") for (const change of changes) this.#apply(change);
    if (fault === undefined) return;
    this.kill();
    throw new Crash();
  }

  #apply({ kind, key, value }: Change): void {
    const records = this.#kinds.get(kind) ?? new Map<string, Uint8Array>();
    this.#kinds.set(kind, records);
    if (value === undefined) records.delete(key);
    else records.set(key, value.slice());
  }
}
