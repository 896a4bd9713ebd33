import type { Seconds } from "../ids.ts";
import { MAX_REVOKED, MAX_STATUS_INDEX, type StatusChunk } from "../messages/status-chunk.ts";

/**
 * A whole list as chunks that together cover every index there can be, each with as many revoked ones as the others: where
 * many are revoked the ranges are short. Without any, one chunk says so of all.
 */
export function statusChunks(
  revoked: readonly number[],
  list: { readonly epoch: number; readonly issuedAt: Seconds; readonly perChunk?: number },
): StatusChunk[] {
  const { epoch, issuedAt, perChunk = MAX_REVOKED } = list;
  const sorted = revoked.toSorted((a, b) => a - b);
  const count = Math.max(1, Math.ceil(sorted.length / perChunk));
  const parts = Array.from({ length: count }, (_, i) =>
    sorted.slice((i * sorted.length) / count, ((i + 1) * sorted.length) / count),
  );
  let first = 0;
  return parts.map((part, i) => {
    // A range ends where the next one's first revoked index would begin.
    const next = parts[i + 1]?.[0];
    const last = next === undefined ? MAX_STATUS_INDEX : next - 1;
    const chunk = { epoch, issuedAt, first, last, revoked: part };
    first = last + 1;
    return chunk;
  });
}

export function covers({ first, last }: StatusChunk, index: number): boolean {
  return first <= index && index <= last;
}

/** What is known about a certificate: it is revoked, it was not when the list was made, or nothing that counts. */
export type Standing = "good" | "revoked" | "unknown";

/**
 * What a chunk says of an index. An old list is still right about whom it names, as nobody is ever taken off a list
 * before its certificates have expired; about everybody else it counts only from the epoch that the reader knows of.
 */
export function standingOf(
  index: number | undefined,
  chunk: StatusChunk | undefined,
  counts: (chunk: StatusChunk) => boolean,
): Standing {
  if (index === undefined || chunk === undefined || !covers(chunk, index)) return "unknown";
  if (chunk.revoked.includes(index)) return "revoked";
  return counts(chunk) ? "good" : "unknown";
}

/** For this long does a list count whose issuer the reader has no epoch of: 30 days, in seconds. */
export const UNPINNED_AGE = 30 * 24 * 60 * 60;

/** Whether a list is young enough: its epoch is at least the known one, or without one its age is bounded. */
export function isCurrent(
  { epoch, issuedAt }: StatusChunk,
  { minimumEpoch, now }: { readonly minimumEpoch: number | undefined; readonly now: Seconds },
): boolean {
  return minimumEpoch === undefined ? issuedAt + UNPINNED_AGE >= now : epoch >= minimumEpoch;
}
