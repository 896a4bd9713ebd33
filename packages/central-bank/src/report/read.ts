import {
  decode,
  decodeSequence,
  digestOfDigests,
  digestPage,
  equalBytes,
  err,
  FLOW_KINDS,
  INWARD,
  isAmount,
  malformed,
  MAX_MESSAGE,
  MAX_PAGE,
  MAX_PAGES,
  ok,
  OUTWARD,
  refusal,
  type DigestPage,
  type FlowKind,
  type Flows,
  type Refusal,
  type Result,
  type SettlementReport,
} from "@bezant/protocol";

/** A page of 2,048 digests, each with its head. */
const MAX_PAGE_BYTES = 8 + MAX_PAGE * 34;
export const MAX_REPORT_BYTES = MAX_MESSAGE + MAX_PAGES * MAX_PAGE_BYTES;

export interface Split {
  /** The encoded report. */
  readonly message: Uint8Array;
  readonly pages: readonly DigestPage[];
}

/** Takes a body apart: the report, then its pages. Verifies nothing. */
export function splitReport(body: Uint8Array): Result<Split, Refusal> {
  const items = decodeSequence(body, { maxItems: 1 + MAX_PAGES, maxItemSize: MAX_PAGE_BYTES });
  if (!items.ok) return err(malformed(items.error));
  const [message, ...rest] = items.value;
  if (message === undefined) return err(refusal("malformed", "no report"));
  const pages: DigestPage[] = [];
  for (const item of rest) {
    const page = decode(digestPage, item);
    if (!page.ok) return err(malformed(page.error));
    pages.push(page.value);
  }
  return ok({ message, pages });
}

export interface Digests {
  readonly certificates: readonly Uint8Array[];
  readonly confirmations: readonly Uint8Array[];
}

/** The digests of the pages, if they are those that the report counts. */
export function matchPages(
  report: SettlementReport,
  pages: readonly DigestPage[],
): Result<Digests, Refusal> {
  const isOrdered = pages.every(
    ({ kind }, i) => kind === "confirmations" || pages[i - 1]?.kind !== "confirmations",
  );
  const of = (wanted: DigestPage["kind"]) =>
    pages.filter(({ kind }) => kind === wanted).flatMap(({ value }) => value);
  const certificates = of("certificates");
  const confirmations = of("confirmations");
  const isWhole =
    certificates.length === report.certificates &&
    confirmations.length === report.confirmations &&
    equalBytes(digestOfDigests(certificates), report.certificatesDigest) &&
    equalBytes(digestOfDigests(confirmations), report.confirmationsDigest);
  if (!isOrdered || !isWhole) return err(refusal("report-mismatch", "pages"));
  return ok({ certificates, confirmations });
}

export interface Sums {
  readonly outward: bigint;
  readonly inward: bigint;
}

/** What a report moves, if it follows from the totals of the one before. */
export function sumsOf(
  { flows, totals }: SettlementReport,
  before: Flows | undefined,
): Result<Sums, Refusal> {
  const follows = FLOW_KINDS.every(
    (kind) => (before?.[kind] ?? 0n) + flows[kind] === (totals[kind] as bigint),
  );
  if (!follows) return err(refusal("report-mismatch", "totals"));
  if (!isAmount(sum(totals, OUTWARD)) || !isAmount(sum(totals, INWARD))) {
    return err(refusal("report-mismatch", "totals that nobody can count"));
  }
  return ok({ outward: sum(flows, OUTWARD), inward: sum(flows, INWARD) });
}

export function sum(flows: Flows, kinds: readonly FlowKind[]): bigint {
  return kinds.reduce((total, kind) => total + flows[kind], 0n);
}
