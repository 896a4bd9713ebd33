import { map, uint, type Infer } from "../../cbor/index.ts";
import { field } from "../../fields.ts";
import { defineMessage } from "../message.ts";
import { flows } from "./flows.ts";

const payload = map({
  /** 1, 2, 3, … without gaps. */
  n: [1, field.counter],
  /** What this report adds. */
  flows: [2, flows],
  /** The sums of this report and all before it. */
  totals: [3, flows],
  /** Certificates issued, and SHA-256 over their digests in the order of the pages. */
  certificates: [4, uint()],
  certificatesDigest: [5, field.digest],
  /** Deposit confirmations issued, refunds included, in the same way. */
  confirmations: [6, uint()],
  confirmationsDigest: [7, field.digest],
  /** SHA-256 of the previous report's payload; zeros for the first. */
  previous: [8, field.digest],
});

/** What a provider has moved between online and offline money since its last report, and what it has issued. */
export const settlementReport = defineMessage({
  typ: 65_023,
  name: "settlement-report",
  signedBy: "institution",
  payload,
});

export type SettlementReport = Infer<typeof payload>;
