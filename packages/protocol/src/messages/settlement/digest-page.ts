import { array, choice, type Infer } from "../../cbor/index.ts";
import { concatBytes } from "../../bytes.ts";
import { sha256 } from "../../crypto.ts";
import { field } from "../../fields.ts";
import { idToBytes, type TaId } from "../../ids.ts";

/** Digests of one page at most, and pages of one report. */
export const MAX_PAGE = 2048;
export const MAX_PAGES = 64;

const digests = array(field.digest, { min: 1, max: MAX_PAGE });

/** A part of what a report counts. Pages of certificates come first, and the digests are in one order throughout. */
export const digestPage = choice({ certificates: [0, digests], confirmations: [1, digests] });
export type DigestPage = Infer<typeof digestPage>;

/** How reports name a certificate: SHA-256 of its bytes. */
export function certificateDigest(certificate: Uint8Array): Uint8Array {
  return sha256(certificate);
}

/** How reports name a deposit confirmation: SHA-256 of the TA's id and the confirmation's payload. */
export function confirmationDigest(ta: TaId, payloadBytes: Uint8Array): Uint8Array {
  return sha256(concatBytes(idToBytes(ta), payloadBytes));
}

/** What a report says of all digests of one kind. */
export function digestOfDigests(all: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(all.length * 32);
  for (const [index, each] of all.entries()) joined.set(each, index * 32);
  return sha256(joined);
}

/** How a report is named in the next one, and in its statement. */
export function reportDigest(payloadBytes: Uint8Array): Uint8Array {
  return sha256(payloadBytes);
}

/** The digests in pages as large as they may be. */
export function paginate(
  certificates: readonly Uint8Array[],
  confirmations: readonly Uint8Array[],
): DigestPage[] {
  const pages = <K extends DigestPage["kind"]>(kind: K, all: readonly Uint8Array[]) =>
    Array.from({ length: Math.ceil(all.length / MAX_PAGE) }, (_, i) => ({
      kind,
      value: all.slice(i * MAX_PAGE, (i + 1) * MAX_PAGE),
    }));
  return [...pages("certificates", certificates), ...pages("confirmations", confirmations)];
}
