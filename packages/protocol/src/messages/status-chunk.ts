import { array, map, mapped, uint, type Schema } from "../cbor/index.ts";
import { field } from "../fields.ts";
import type { Seconds } from "../ids.ts";
import { defineMessage } from "./message.ts";

/** So many revoked certificates in one chunk at most, which is then about 1 KB. */
export const MAX_REVOKED = 180;
export const MAX_STATUS_INDEX = 0xffff_ffff;

/** What an issuer says at one time about the certificates in one range of its status indices (§18). */
export type StatusChunk = {
  /** Rises with every list that the issuer publishes. */
  readonly epoch: number;
  readonly issuedAt: Seconds;
  /** First and last index that the chunk covers. */
  readonly first: number;
  readonly last: number;
  /** The indices in this range that are revoked, strictly rising. What is covered and not named is good. */
  readonly revoked: readonly number[];
};

// Gaps make the order strict by themselves: no sequence of them says an index twice.
const wire = map({
  epoch: [1, uint(MAX_STATUS_INDEX, 1)],
  issuedAt: [2, field.seconds],
  first: [3, uint()],
  last: [4, uint()],
  gaps: [5, array(uint(), { max: MAX_REVOKED })],
});

const payload: Schema<StatusChunk> = mapped(
  wire,
  ({ gaps, ...rest }): StatusChunk | undefined => {
    const { first, last } = rest;
    const revoked = indicesOf(first, gaps);
    const isWithin = first <= last && (revoked.at(-1) ?? first) <= last;
    return isWithin ? { ...rest, revoked } : undefined;
  },
  ({ revoked, ...rest }) => ({ ...rest, gaps: gapsOf(rest.first, revoked) }),
);

/** One part of an issuer's status list: signed by the issuer, for anybody to carry and to rely on. */
export const statusChunk = defineMessage({
  typ: 65_050,
  name: "status-chunk",
  signedBy: "institution",
  payload,
});

function indicesOf(first: number, gaps: readonly number[]): number[] {
  let next = first;
  return gaps.map((gap) => {
    const index = next + gap;
    next = index + 1;
    return index;
  });
}

function gapsOf(first: number, revoked: readonly number[]): number[] {
  return revoked.map((index, i) => index - (i === 0 ? first : (revoked[i - 1] as number) + 1));
}
