// One secure object with five commits, made in each of the ways that a commit can be made.
import { unwrap, type Result } from "@bezant/protocol";
import type { RootOfTrust, StorageFault } from "../../src/index.ts";
import { seededRandom, type Image, type MemoryFiles } from "../../src/simulation/index.ts";
import { createSecureObject, SecureObject } from "../../src/storage/secure-object.ts";
import { memoryDevice } from "./device.ts";

export const NAME = "object";
export const BLOCK = 3;
export const RPMB = "rpmb";
export const SLOT = 8192;
export const LENGTH = 1500;
/** So many bytes are the text; what is behind them fills the rest. */
export const NOISE_AT = 20;
/** Where the chip keeps the two cells of the object's block, and where the data is in one. */
export const CELLS = [(1 + 2 * BLOCK) * 4096, (2 + 2 * BLOCK) * 4096] as const;
export const DATA_IN_CELL = 228;

export type Subject = {
  readonly files: MemoryFiles;
  readonly rootOfTrust: () => RootOfTrust;
  readonly open: () => Result<SecureObject, StorageFault>;
};

export async function subject(): Promise<Subject> {
  const { files, random, rootOfTrust } = await memoryDevice("object");
  createSecureObject(files, NAME);
  const open = (): Result<SecureObject, StorageFault> =>
    SecureObject.open({ files, random, rootOfTrust: rootOfTrust(), name: NAME, block: BLOCK });
  return { files, rootOfTrust, open };
}

/** Contents take several sectors, so that a cut write can leave some of them; from one to the next little changes. */
export const bytes = (content: string): Uint8Array =>
  new TextEncoder().encode(content.padEnd(LENGTH));
/** The same, with so much else in it that no anchor has room for what has changed. */
export const other = (content: string, seed = content): Uint8Array => {
  const text = new TextEncoder().encode(content.padEnd(NOISE_AT));
  return Uint8Array.of(...text, ...seededRandom(seed)(LENGTH - NOISE_AT));
};
export const text = (content: Uint8Array | undefined): string | undefined =>
  content === undefined
    ? undefined
    : new TextDecoder().decode(content.subarray(0, NOISE_AT)).trimEnd();
export const code = (opened: Result<SecureObject, StorageFault>): string | undefined =>
  opened.ok ? text(opened.value.content) : opened.error.code;

/** How its commits are made: what has changed in the anchor alone, its image written back afterwards, or the image first. */
export type Way = "anchor alone" | "written back" | "image first";
export const WAYS = ["anchor alone", "written back", "image first"] as const;

export function commit(object: SecureObject, content: string, way: Way): void {
  unwrap(object.commit(way === "image first" ? other(content) : bytes(content)));
  if (way === "written back") unwrap(object.writeBack());
}

/** An object at its fifth commit, "5", and an image of all files after every commit. */
export async function history(way: Way): Promise<Subject & { images: Image[] }> {
  const made = await subject();
  const object = unwrap(made.open());
  const images = [made.files.image()];
  for (const content of ["1", "2", "3", "4", "5"]) {
    commit(object, content, way);
    images.push(made.files.image());
  }
  return { ...made, images };
}
