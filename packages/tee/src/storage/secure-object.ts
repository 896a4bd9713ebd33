import { err, ok, type Result } from "@bezant/protocol";
import type { RootOfTrust } from "../root-of-trust/root-of-trust.ts";
import { AnchorBlock, canFollow, isBase, isPending, MAX_CHANGE, type Anchor } from "./anchor.ts";
import { catchIo, IoError, type BlockFile, type FileStore } from "./block-file.ts";
import { applyChange, changeBetween, noChange } from "./change.ts";
import { fault, type StorageFault } from "./fault.ts";
import { IMAGE_OVERHEAD, openImage, sealImage, type Image } from "./image.ts";

const SLOT_SIZE = 8192;
const SLOTS = [0, 1] as const;
type Slot = (typeof SLOTS)[number];

/** The most bytes that an object can hold. */
export const MAX_OBJECT = SLOT_SIZE - IMAGE_OVERHEAD;

export type SecureObjectOptions = {
  readonly files: FileStore;
  readonly rootOfTrust: RootOfTrust;
  readonly random: (length: number) => Uint8Array;
  /** The object's file; also what its keys are derived for. */
  readonly name: string;
  /** The block of replay-protected memory that anchors it, one for each object. */
  readonly block: number;
};

/** Makes the file of a new, still empty object. */
export function createSecureObject(files: FileStore, name: string): void {
  files.create(name, SLOTS.length * SLOT_SIZE).close();
}

/** An image that is durable, and where. */
type Stored = { readonly image: Image; readonly slot: Slot };

/** What is known to be there. Before the first commit there is neither content nor image. */
type Current = {
  readonly content: Uint8Array | undefined;
  /** In force: what the replay-protected memory holds. */
  readonly anchor: Anchor;
  /** The id of the anchor before it; after a restart not known until the next commit. */
  readonly previous: Uint8Array | undefined;
  /** The image that the anchor names: its slot must not be written. */
  readonly base: Stored | undefined;
  /** The base, or the image of this very commit. */
  readonly newest: Stored | undefined;
};

/**
 * A persistent object in the sense of the GlobalPlatform TEE Internal Core API: confidential, authentic,
 * atomic, and never an older one than the last that was committed.
 *
 * A commit writes one anchor, which holds what has changed since the newest image. To write the image of what was committed is left to
 * `writeBack`, for when nobody waits. Where an anchor has no room for the change, the commit writes the image first, to the
 * slot that the anchor in force does not name, and then the anchor; cut short between the two it is finished when
 * the object is next opened, never undone.
 */
export class SecureObject {
  readonly #options: SecureObjectOptions;
  readonly #file: BlockFile;
  readonly #key: Uint8Array;
  readonly #anchors: AnchorBlock;
  #current: Current | undefined;
  #settled = false;

  private constructor(options: SecureObjectOptions, file: BlockFile) {
    const { rootOfTrust, name, block, random } = options;
    this.#options = options;
    this.#file = file;
    this.#key = rootOfTrust.deriveKey(`secure object ${name}`);
    const key = rootOfTrust.deriveKey(`anchor of secure object ${name}`);
    this.#anchors = new AnchorBlock(rootOfTrust.replayProtected, { block, key, random });
  }

  /** Opens the object and finishes what a crash interrupted. */
  static open(options: SecureObjectOptions): Result<SecureObject, StorageFault> {
    const file = catchIo(() => options.files.open(options.name));
    if (file instanceof IoError) return err(fault("io-failed", file.errno));
    if (file === undefined) return err(fault("object-missing"));
    const object = new SecureObject(options, file);
    const recovered = object.recover();
    if (recovered.ok) return ok(object);
    object.close();
    return recovered;
  }

  /** Whether content and storage are known to agree; if not, only `recover` may be called. */
  get settled(): boolean {
    return this.#settled;
  }

  /** What was committed last, or undefined before the first commit. */
  get content(): Uint8Array | undefined {
    return this.#current?.content;
  }

  /**
   * Makes this content the object's, durably, before it returns. After a fault the object holds either the
   * old content or this: `recover` finds out which.
   */
  commit(content: Uint8Array): Result<void, StorageFault> {
    const current = this.#current;
    if (!this.#settled || current === undefined) {
      throw new Error("commit on an object that has not recovered");
    }
    if (content.length > MAX_OBJECT) throw new RangeError(`an object of ${content.length} bytes`);
    const { anchor, base, newest } = current;
    const change = newest && changeBetween(newest.image.content, content, MAX_CHANGE);
    if (newest !== undefined && change !== undefined) return this.#anchor(newest, change, content);
    const image = this.#seal({ commit: anchor.commit + 1, previous: anchor.id, content });
    return this.#commitImage(image, slotBeside(base));
  }

  /**
   * Writes the image of what was committed last, so that the next commit has little to say. Nothing is lost where that does not
   * happen or is cut short: the anchor has it all. After a fault the object has to recover before it goes on.
   */
  writeBack(): Result<void, StorageFault> {
    const current = this.#current;
    if (!this.#settled || current?.content === undefined) return ok(undefined);
    const { anchor, previous, base, newest, content } = current;
    if (previous === undefined || newest?.image.commit === anchor.commit) return ok(undefined);
    const image = this.#seal({ commit: anchor.commit, previous, content });
    const slot = slotBeside(base);
    const written = this.#writeImage(image, slot);
    if (!written.ok) return written;
    this.#current = { ...current, newest: { image, slot } };
    this.#settled = true;
    return ok(undefined);
  }

  /** Reads everything anew and brings file and anchor to agree, or says why they never will. */
  recover(): Result<void, StorageFault> {
    this.#settled = false;
    this.#current = undefined;
    const read = this.#anchors.read();
    if (!read.ok) return read;
    const anchor = read.value;
    const slots = catchIo(() => SLOTS.map((slot) => this.#file.read(slot * SLOT_SIZE, SLOT_SIZE)));
    if (slots instanceof IoError) return err(fault("io-failed", slots.errno));
    const images = slots.map((slot) => openImage(this.#key, slot));
    const strange = images.find((image) => image !== undefined && !canFollow(image, anchor));
    if (strange !== undefined) return err(fault("anchor-rolled-back", describe(strange, anchor)));
    const found = { content: undefined, anchor, previous: undefined };
    this.#current = { ...found, base: undefined, newest: undefined };
    for (const slot of SLOTS) {
      const image = images[slot];
      if (isPending(image, anchor)) return this.#commitImage(image, slot);
    }
    if (anchor.commit > 0) {
      const base = SLOTS.map((slot) => ({ image: images[slot], slot })).find(isBaseOf(anchor));
      if (base === undefined) return err(whyUnusable(slots, images, anchor));
      const content = applyChange(base.image.content, anchor.change);
      this.#current = { ...found, content, base, newest: base };
    }
    this.#settled = true;
    return ok(undefined);
  }

  close(): void {
    this.#file.close();
  }

  #seal(content: Pick<Image, "commit" | "previous" | "content">): Image {
    return sealImage(this.#key, content, this.#options.random);
  }

  #commitImage(image: Image, slot: Slot): Result<void, StorageFault> {
    const written = this.#writeImage(image, slot);
    const { content } = image;
    return written.ok ? this.#anchor({ image, slot }, noChange(content), content) : written;
  }

  #writeImage(image: Image, slot: Slot): Result<void, StorageFault> {
    this.#settled = false;
    const failed = catchIo(() => this.#file.write(slot * SLOT_SIZE, image.bytes));
    return failed instanceof IoError ? err(fault("io-failed", failed.errno)) : ok(undefined);
  }

  /** Anchors content, which is what the change makes of the stored image. */
  #anchor(base: Stored, change: Uint8Array, content: Uint8Array): Result<void, StorageFault> {
    this.#settled = false;
    const before = this.#current?.anchor;
    if (before === undefined) throw new Error("no anchor to follow");
    const next = { commit: before.commit + 1, base: base.image.digest, change };
    const anchored = this.#anchors.write(next);
    if (!anchored.ok) return anchored;
    this.#current = { content, anchor: anchored.value, previous: before.id, base, newest: base };
    this.#settled = true;
    return ok(undefined);
  }
}

function slotBeside(base: Stored | undefined): Slot {
  return base?.slot === 1 ? 0 : 1;
}

function isBaseOf(anchor: Anchor) {
  return (it: { readonly image: Image | undefined; readonly slot: Slot }): it is Stored =>
    isBase(it.image, anchor);
}

/** Names the fault where no slot holds the image that the anchor names. */
function whyUnusable(
  slots: readonly Uint8Array[],
  images: readonly (Image | undefined)[],
  anchor: Anchor,
): StorageFault {
  const isDamaged = SLOTS.some((slot) => images[slot] === undefined && !isEmpty(slots[slot]));
  if (isDamaged) return fault("object-damaged");
  const older = images.find((image) => image !== undefined);
  return older === undefined
    ? fault("object-missing")
    : fault("object-rolled-back", describe(older, anchor));
}

function isEmpty(slot: Uint8Array | undefined): boolean {
  return slot?.every((byte) => byte === 0) ?? true;
}

function describe(image: Image, anchor: Anchor): string {
  return `the file holds commit ${image.commit}, the anchor names ${anchor.commit}`;
}
