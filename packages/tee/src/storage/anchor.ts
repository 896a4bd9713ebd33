import { equalBytes, ok, type Result } from "@bezant/protocol";
import { VALUE_SIZE, type ReplayProtectedMemory } from "../root-of-trust/root-of-trust.ts";
import type { StorageFault } from "./fault.ts";
import type { Image } from "./image.ts";

/** Which image of an object is the newest: its commit number and SHA-256. Commit 0 is no image at all. */
export type Anchor = { readonly commit: number; readonly digest: Uint8Array };

export function readAnchor(
  memory: ReplayProtectedMemory,
  block: number,
): Result<Anchor, StorageFault> {
  const value = memory.read(block);
  if (!value.ok) return value;
  const commit = new DataView(value.value.buffer, value.value.byteOffset).getUint32(0);
  return ok({ commit, digest: value.value.slice(4, 36) });
}

export function writeAnchor(
  memory: ReplayProtectedMemory,
  block: number,
  { commit, digest }: Anchor,
): Result<void, StorageFault> {
  const value = new Uint8Array(VALUE_SIZE);
  new DataView(value.buffer).setUint32(0, commit);
  value.set(digest, 4);
  return memory.write(block, value);
}

export function isAnchored(image: Image | undefined, anchor: Anchor): image is Image {
  return image?.commit === anchor.commit && equalBytes(image.digest, anchor.digest);
}

/** Whether the image is the one commit that followed the anchored one, whole but not yet anchored. */
export function isPending(image: Image | undefined, anchor: Anchor): image is Image {
  return image?.commit === anchor.commit + 1 && equalBytes(image.previous, anchor.digest);
}

/**
 * Whether an image may stand beside this anchor: it is not newer than the anchor, or it is pending. One that is newer
 * in another way proves that the anchor was set back, whatever else the file holds.
 */
export function canFollow(image: Image, anchor: Anchor): boolean {
  return image.commit <= anchor.commit || isPending(image, anchor);
}
