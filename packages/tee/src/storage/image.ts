import { createCipheriv, createDecipheriv, hash } from "node:crypto";

// One encrypted image of an object, as it stands in a slot:
//   0 magic "BZO1" | 4 u32 commit | 8 u32 length | 12 nonce 12 | 24 SHA-256 of the image before | 56 AES-256-GCM | tag 16
const MAGIC = 0x425a4f31;
const HEADER_SIZE = 56;
const TAG_SIZE = 16;
const NONCE_TAIL = 8;

/** What an image takes beyond its content. */
export const IMAGE_OVERHEAD = HEADER_SIZE + TAG_SIZE;

/** An authentic image. `bytes` is the image itself, `digest` its SHA-256, `previous` that of the one before it. */
export type Image = {
  readonly commit: number;
  readonly previous: Uint8Array;
  readonly content: Uint8Array;
  readonly bytes: Uint8Array;
  readonly digest: Uint8Array;
};

/**
 * Seals content as commit number `commit`. The nonce is the commit number and 8 random bytes: a commit cut
 * short and tried again has the same number and other content, and must not have the same nonce.
 */
export function sealImage(
  key: Uint8Array,
  { commit, previous, content }: Pick<Image, "commit" | "previous" | "content">,
  random: (length: number) => Uint8Array,
): Image {
  const bytes = new Uint8Array(IMAGE_OVERHEAD + content.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC);
  view.setUint32(4, commit);
  view.setUint32(8, content.length);
  view.setUint32(12, commit);
  bytes.set(random(NONCE_TAIL), 16);
  bytes.set(previous, 24);
  const header = bytes.subarray(0, HEADER_SIZE);
  const cipher = createCipheriv("aes-256-gcm", key, header.subarray(12, 24));
  cipher.setAAD(header);
  bytes.set(cipher.update(content), HEADER_SIZE);
  cipher.final();
  bytes.set(cipher.getAuthTag(), HEADER_SIZE + content.length);
  return { commit, previous, content, bytes, digest: digestOf(bytes) };
}

/** The image at the start of a slot, or undefined where no authentic one stands. */
export function openImage(key: Uint8Array, slot: Uint8Array): Image | undefined {
  if (slot.length < IMAGE_OVERHEAD) return undefined;
  const view = new DataView(slot.buffer, slot.byteOffset, slot.length);
  const length = view.getUint32(8);
  if (view.getUint32(0) !== MAGIC || length > slot.length - IMAGE_OVERHEAD) return undefined;
  const bytes = slot.slice(0, IMAGE_OVERHEAD + length);
  const header = bytes.subarray(0, HEADER_SIZE);
  const decipher = createDecipheriv("aes-256-gcm", key, header.subarray(12, 24), {
    authTagLength: TAG_SIZE,
  });
  decipher.setAAD(header);
  decipher.setAuthTag(bytes.subarray(HEADER_SIZE + length));
  const content = decipher.update(bytes.subarray(HEADER_SIZE, HEADER_SIZE + length));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  const previous = header.slice(24);
  return {
    commit: view.getUint32(4),
    previous,
    content: new Uint8Array(content),
    bytes,
    digest: digestOf(bytes),
  };
}

function digestOf(bytes: Uint8Array): Uint8Array {
  return hash("sha256", bytes, "buffer");
}
