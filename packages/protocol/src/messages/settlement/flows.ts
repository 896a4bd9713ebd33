import { map, type Infer } from "../../cbor/index.ts";
import { field } from "../../fields.ts";

/** What has crossed between online and offline money at one provider, gross, by kind (§15.4). */
export const flows = map({
  deposits: [1, field.balance],
  withdrawals: [2, field.balance],
  claims: [3, field.balance],
  /** Confirmations that a retired TA can never apply. */
  returns: [4, field.balance],
  /** Booked by reconciliation after a restore: out as deposits, in as withdrawals. */
  reconciledOut: [5, field.balance],
  reconciledIn: [6, field.balance],
  /** Confirmations of kind refund: they stay offline, and are only counted. */
  refunds: [7, field.balance],
});

export type Flows = Infer<typeof flows>;
export type FlowKind = keyof Flows;

/** Kinds that move money from online to offline, and back. Refunds do neither. */
export const OUTWARD = ["deposits", "reconciledOut"] as const satisfies readonly FlowKind[];
export const INWARD = [
  "withdrawals",
  "claims",
  "returns",
  "reconciledIn",
] as const satisfies readonly FlowKind[];
export const FLOW_KINDS = [
  "deposits",
  "withdrawals",
  "claims",
  "returns",
  "reconciledOut",
  "reconciledIn",
  "refunds",
] as const satisfies readonly FlowKind[];
