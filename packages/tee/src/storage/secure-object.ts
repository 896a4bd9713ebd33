import { err, ok, type Result } from "@bezant/protocol";
import type { RootOfTrust } from "../root-of-trust/root-of-trust.ts";
import {
  canFollow,
  isAnchored,
  isPending,
  readAnchor,
  writeAnchor,
  type Anchor,
} from "./anchor.ts";
import { catchIo, IoError, type BlockFile, type FileStore } from "./block-file.ts";
import { fault, type StorageFault } from "./fault.ts";
import { IMAGE_OVERHEAD, openImage, sealImage, type Image } from "./image.ts";

const SLOT_SIZE = 8192;

/** The most bytes that an object can hold. */
export const MAX_OBJECT = SLOT_SIZE - IMAGE_OVERHEAD;

export type SecureObjectOptions = {
  readonly files: FileStore;
  readonly rootOfTrust: RootOfTrust;
  readonly random: (length: number) => Uint8Array;
  /** The object's file; also what its key is derived for. */
  readonly name: string;
  /** The block of replay-protected memory that anchors it, one for each object. */
  readonly block: number;
};

/** Makes the file of a new, still empty object. */
export function createSecureObject(files: FileStore, name: string): void {
  files.create(name, 2 * SLOT_SIZE).close();
}

/**
 * A persistent object in the sense of the GlobalPlatform TEE Internal Core API: confidential, authentic,
 * atomic, and never an older one than the last that was committed.
 *
 * A commit writes the image to the slot that does not hold the current one, then the anchor to the root of
 * trust: two durable writes. A commit that was cut short between them is finished when the object is next
 * opened, never undone, so the anchor alone cannot be set back by one commit either.
 */
export class SecureObject {
  readonly #options: SecureObjectOptions;
  readonly #file: BlockFile;
  readonly #key: Uint8Array;
  /** Undefined before the first commit, and while a failed commit has not been looked into. */
  #current: Image | undefined;
  #settled = false;

  private constructor(options: SecureObjectOptions, file: BlockFile) {
    this.#options = options;
    this.#file = file;
    this.#key = options.rootOfTrust.deriveKey(`secure object ${options.name}`);
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
    if (!this.#settled) throw new Error("commit on an object that has not recovered");
    if (content.length > MAX_OBJECT) throw new RangeError(`an object of ${content.length} bytes`);
    const { commit, digest } = this.#current ?? { commit: 0, digest: new Uint8Array(32) };
    const next = { commit: commit + 1, previous: digest, content };
    return this.#write(sealImage(this.#key, next, this.#options.random));
  }

  /** Reads everything anew and brings file and anchor to agree, or says why they never will. */
  recover(): Result<void, StorageFault> {
    this.#settled = false;
    this.#current = undefined;
    const { rootOfTrust, block } = this.#options;
    const anchor = readAnchor(rootOfTrust.replayProtected, block);
    if (!anchor.ok) return anchor;
    const slots = catchIo(() => [this.#readSlot(0), this.#readSlot(1)] as const);
    if (slots instanceof IoError) return err(fault("io-failed", slots.errno));
    const images = slots.map((slot) => openImage(this.#key, slot));
    const strange = images.find((image) => image !== undefined && !canFollow(image, anchor.value));
    if (strange !== undefined) {
      return err(fault("anchor-rolled-back", describe(strange, anchor.value)));
    }
    const pending = images[(anchor.value.commit + 1) % 2];
    if (isPending(pending, anchor.value)) return this.#write(pending);
    const current = images[anchor.value.commit % 2];
    if (!isAnchored(current, anchor.value) && anchor.value.commit > 0) {
      return err(whyUnusable(slots, images, anchor.value));
    }
    this.#current = anchor.value.commit > 0 ? current : undefined;
    this.#settled = true;
    return ok(undefined);
  }

  close(): void {
    this.#file.close();
  }

  #write(image: Image): Result<void, StorageFault> {
    this.#settled = false;
    const { rootOfTrust, block } = this.#options;
    const failed = catchIo(() => this.#file.write(slotAt(image.commit), image.bytes));
    if (failed instanceof IoError) return err(fault("io-failed", failed.errno));
    const anchored = writeAnchor(rootOfTrust.replayProtected, block, image);
    if (!anchored.ok) return anchored;
    this.#current = image;
    this.#settled = true;
    return ok(undefined);
  }

  #readSlot(index: number): Uint8Array {
    return this.#file.read(slotAt(index), SLOT_SIZE);
  }
}

function slotAt(commit: number): number {
  return (commit % 2) * SLOT_SIZE;
}

/** Names the fault where the slot that should hold the anchored image does not. */
function whyUnusable(
  slots: readonly Uint8Array[],
  images: readonly (Image | undefined)[],
  anchor: Anchor,
): StorageFault {
  const [newest, other] = anchor.commit % 2 === 0 ? [0, 1] : [1, 0];
  const older = images[newest] ?? (isEmpty(slots[newest]) ? images[other] : undefined);
  if (older !== undefined) return fault("object-rolled-back", describe(older, anchor));
  return fault(slots.every(isEmpty) ? "object-missing" : "object-damaged");
}

function isEmpty(slot: Uint8Array | undefined): boolean {
  return slot?.every((byte) => byte === 0) ?? true;
}

function describe(image: Image, anchor: Anchor): string {
  return `the file holds commit ${image.commit}, the anchor names ${anchor.commit}`;
}
