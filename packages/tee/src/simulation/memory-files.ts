import { IoError, type BlockFile, type FileStore } from "../storage/block-file.ts";

/** The power went: thrown by the write that was cut, and by everything after it until `restart`. */
export class PowerLoss extends Error {
  override readonly name = "PowerLoss";
}

/**
 * What a cut write leaves on the medium, given the bytes that were there and those being written (of the same
 * length).
 */
export type Fate = (before: Uint8Array, after: Uint8Array) => Uint8Array;

/** Fates of a write that is cut. */
export const FATES = {
  lost: (before) => before,
  whole: (_before, after) => after,
  firstHalf: (before, after) => splice(before, after, (at) => at < after.length / 2),
  secondHalf: (before, after) => splice(before, after, (at) => at >= after.length / 2),
  /** Every other sector of 512 bytes. */
  someSectors: (before, after) => splice(before, after, (at) => ((at / 512) | 0) % 2 === 0),
  /** The write reached the medium, which kept all but one byte of it. */
  oneByteShort: (before, after) => splice(before, after, (at) => at !== after.length - 1),
} as const satisfies Readonly<Record<string, Fate>>;

/** A copy of every file. */
export type Image = ReadonlyMap<string, Uint8Array>;

/** The files of one device in memory, with the faults that media and thieves have. */
export class MemoryFiles implements FileStore {
  readonly #files = new Map<string, Uint8Array>();
  #writes = 0;
  #cutAt = Infinity;
  #fate: Fate = FATES.lost;
  #failure: { readonly errno: string; readonly from: number; readonly fate: Fate } | undefined;
  #powered = true;

  /** The number of writes so far. */
  get writes(): number {
    return this.#writes;
  }

  get powered(): boolean {
    return this.#powered;
  }

  /** Cuts the power during the write after `writes` more; it meets this fate. */
  cutPower(writes: number, fate: Fate): void {
    this.#cutAt = this.#writes + writes;
    this.#fate = fate;
  }

  /** After so many more writes (`after`), each fails with this errno and meets this fate. */
  failWrites(
    errno: string,
    { after = 0, fate = FATES.lost }: { after?: number; fate?: Fate } = {},
  ): void {
    this.#failure = { errno, from: this.#writes + after, fate };
  }

  /** Writes succeed again. */
  mend(): void {
    this.#failure = undefined;
  }

  /** The power is back, and no further cut is planned. */
  restart(): void {
    this.#powered = true;
    this.#cutAt = Infinity;
  }

  /** What a thief copies. */
  image(): Image {
    return new Map([...this.#files].map(([name, bytes]) => [name, bytes.slice()]));
  }

  /** Puts an earlier image back: of the files named, or of all. */
  restore(image: Image, names: Iterable<string> = image.keys()): void {
    for (const name of names) {
      const bytes = image.get(name);
      if (bytes === undefined) this.#files.delete(name);
      else this.#files.set(name, bytes.slice());
    }
  }

  flipBit(name: string, bit: number): void {
    const bytes = this.#file(name);
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  }

  delete(name: string): void {
    this.#files.delete(name);
  }

  open(name: string): BlockFile | undefined {
    this.#needPower();
    if (!this.#files.has(name)) return undefined;
    return {
      read: (position, length) => {
        this.#needPower();
        return this.#file(name).slice(position, position + length);
      },
      write: (position, bytes) => this.#write(name, position, bytes),
      close: () => undefined,
    };
  }

  create(name: string, size: number): BlockFile {
    this.#needPower();
    if (this.#files.has(name)) throw new IoError("EEXIST");
    this.#files.set(name, new Uint8Array(size));
    const file = this.open(name);
    if (file === undefined) throw new Error(`no file ${name}`);
    return file;
  }

  #write(name: string, position: number, bytes: Uint8Array): void {
    this.#needPower();
    const end = position + bytes.length;
    let content = this.#file(name);
    if (content.length < end) {
      const longer = new Uint8Array(end);
      longer.set(content);
      this.#files.set(name, (content = longer));
    }
    const before = content.slice(position, end);
    const failure = this.#failure;
    if (failure !== undefined && this.#writes >= failure.from) {
      content.set(failure.fate(before, bytes), position);
      throw new IoError(failure.errno);
    }
    const cut = this.#writes === this.#cutAt;
    this.#writes += 1;
    content.set(cut ? this.#fate(before, bytes) : bytes, position);
    if (!cut) return;
    this.#powered = false;
    throw new PowerLoss();
  }

  #file(name: string): Uint8Array {
    const bytes = this.#files.get(name);
    if (bytes === undefined) throw new IoError("ENOENT");
    return bytes;
  }

  #needPower(): void {
    if (!this.#powered) throw new PowerLoss();
  }
}

function splice(before: Uint8Array, after: Uint8Array, isNew: (at: number) => boolean): Uint8Array {
  return after.map((byte, at) => (isNew(at) ? byte : (before[at] ?? 0)));
}
