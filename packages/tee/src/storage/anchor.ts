import { createCipheriv, createDecipheriv, hash } from "node:crypto";
import { equalBytes, err, ok, type Result } from "@bezant/protocol";
import type { Random } from "../crypto/private-key.ts";
import { VALUE_SIZE, type ReplayProtectedMemory } from "../root-of-trust/root-of-trust.ts";
import { fault, type StorageFault } from "./fault.ts";
import type { Image } from "./image.ts";

// A value of replay-protected memory:
//   0 u32 commit | 4 SHA-256 of the base image | 36 nonce's random 8 | 44 u16 length | 46 AES-256-GCM of the change | tag 16
const BASE = 4;
const NONCE_TAIL = 36;
const LENGTH = 44;
const HEADER_SIZE = 46;
const TAG_SIZE = 16;

/** The longest change that an anchor holds. */
export const MAX_CHANGE = VALUE_SIZE - HEADER_SIZE - TAG_SIZE;

/**
 * What an object is now: the image with digest `base`, and what has changed since. Commit 0 is no object yet. `id` is the SHA-256 of
 * the value that says so, to which the next commit's image is chained.
 */
export type Anchor = {
  readonly commit: number;
  readonly base: Uint8Array;
  readonly change: Uint8Array;
  readonly id: Uint8Array;
};

/** One object's anchor, in its block. The memory may be read by anybody, so what has changed is encrypted. */
export class AnchorBlock {
  readonly #memory: ReplayProtectedMemory;
  readonly #block: number;
  readonly #key: Uint8Array;
  readonly #random: Random;

  constructor(
    memory: ReplayProtectedMemory,
    { block, key, random }: { block: number; key: Uint8Array; random: Random },
  ) {
    this.#memory = memory;
    this.#block = block;
    this.#key = key;
    this.#random = random;
  }

  read(): Result<Anchor, StorageFault> {
    const read = this.#memory.read(this.#block);
    if (!read.ok) return read;
    const value = read.value;
    const view = new DataView(value.buffer, value.byteOffset, VALUE_SIZE);
    const commit = view.getUint32(0);
    const change = commit === 0 ? new Uint8Array() : this.#open(value, view.getUint16(LENGTH));
    if (change === undefined) return err(fault("rpmb-damaged", "an anchor that does not open"));
    return ok({ commit, base: value.slice(BASE, NONCE_TAIL), change, id: digestOf(value) });
  }

  /** Durable when it returns, and all or nothing. */
  write({ commit, base, change }: Omit<Anchor, "id">): Result<Anchor, StorageFault> {
    const value = new Uint8Array(VALUE_SIZE);
    const view = new DataView(value.buffer);
    view.setUint32(0, commit);
    value.set(base, BASE);
    value.set(this.#random(LENGTH - NONCE_TAIL), NONCE_TAIL);
    view.setUint16(LENGTH, change.length);
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonceOf(value));
    cipher.setAAD(value.subarray(0, HEADER_SIZE));
    value.set(cipher.update(change), HEADER_SIZE);
    cipher.final();
    value.set(cipher.getAuthTag(), HEADER_SIZE + change.length);
    const id = digestOf(value);
    const written = this.#memory.write(this.#block, value);
    return written.ok ? ok({ commit, base, change, id }) : written;
  }

  #open(value: Uint8Array, length: number): Uint8Array | undefined {
    if (length > MAX_CHANGE) return undefined;
    const end = HEADER_SIZE + length;
    const decipher = createDecipheriv("aes-256-gcm", this.#key, nonceOf(value), {
      authTagLength: TAG_SIZE,
    });
    decipher.setAAD(value.subarray(0, HEADER_SIZE));
    decipher.setAuthTag(value.subarray(end, end + TAG_SIZE));
    const change = decipher.update(value.subarray(HEADER_SIZE, end));
    try {
      decipher.final();
    } catch {
      return undefined;
    }
    return new Uint8Array(change);
  }
}

/** The commit's number and 8 random bytes: a commit that is cut short and tried again has the same number and another change. */
function nonceOf(value: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(12);
  nonce.set(value.subarray(0, BASE));
  nonce.set(value.subarray(NONCE_TAIL, LENGTH), BASE);
  return nonce;
}

function digestOf(value: Uint8Array): Uint8Array {
  return hash("sha256", value, "buffer");
}

export function isBase(image: Image | undefined, anchor: Anchor): image is Image {
  return image !== undefined && equalBytes(image.digest, anchor.base);
}

/** Whether the image is that of the one commit that followed the anchored one, whole but not yet anchored. */
export function isPending(image: Image | undefined, anchor: Anchor): image is Image {
  return image?.commit === anchor.commit + 1 && equalBytes(image.previous, anchor.id);
}

/**
 * Whether an image may stand beside this anchor: it is not newer than the anchor, or it is pending. One that is newer
 * in another way proves that the anchor was set back, whatever else the file holds.
 */
export function canFollow(image: Image, anchor: Anchor): boolean {
  return image.commit <= anchor.commit || isPending(image, anchor);
}
