import type { Property } from "../oracle/property.ts";

/** The rows of the design's table of what differs from the paper's Figure 4, by their first column. */
export const ROWS = [
  "CertInit accepts any valid TA certificate, repeatedly",
  "Init repeatable",
  "Withdraw signs [x, i], GetBalance signs [bal, i]",
  "S signs client-chosen bytes",
  "amounts unconstrained",
  "P's time and type unsigned; log compares whole P",
  "collect-or-claim is prose",
  "one counter i for both directions",
  "Deposit from any server",
  "Pay emits P once",
  "inPaymentLog grows without bound",
  "Pay ignores who the receiver is",
  "new T.cert strands payments to the old one",
  "limits (added) could refuse money in flight",
  "[ReceivedPayment] goes to S, who is unreachable",
  "one server key",
  "attestation has no nonce, no measurement",
  "nobody asks the user",
  "no limits, expiry, revocation",
] as const;
export type Row = (typeof ROWS)[number];

/** What goes wrong in many a payment system, whatever its design. */
export type Classic =
  | "commit after release"
  | "a missing idempotency key"
  | "a lost acknowledgement"
  | "a wrong sign in the ledger";

/** One place of the source that is another: `find` stands there exactly once. */
export type Edit = { readonly file: string; readonly find: string; readonly replace: string };

/** A fault that is put into the code, and that a simulation has to find. */
export type Plant = {
  readonly name: string;
  /** The row that it puts back, or what else it is an example of. */
  readonly paper?: Row | Classic;
  /** More than one where another layer would catch the first: it is taken out as well. */
  readonly edits: readonly Edit[];
  /** Some faults need the real curve, or a second provider. */
  readonly signatures?: "real";
  readonly providers?: number;
  /** Only a violation of one of these is the fault's own, and no accident; any property unless given. */
  readonly violates?: readonly Property[];
};

/** Where the code under test stands. */
export const TA = "packages/trusted-app/assembly/";
export const TEE = "packages/tee/src/";
export const PROVIDER = "packages/provider/src/";
export const WALLET = "packages/wallet/src/";

export function plant(
  name: string,
  file: string,
  find: string,
  replace: string,
  more: Omit<Plant, "name" | "edits"> = {},
): Plant {
  return { name, edits: [{ file, find, replace }], ...more };
}
