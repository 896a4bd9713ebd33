import type { AttestationPolicy, Limits } from "@bezant/protocol";

const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;

export interface Policy {
  /** Which evidence of a device is good enough; the anchor is always the root that the provider serves. */
  readonly attestation: Omit<AttestationPolicy, "anchor">;
  /** What every TA of this provider may do between two syncs. */
  readonly limits: Limits;
  /** Validity of certificates, in seconds; they end with the provider's own at the latest. */
  readonly walletValidity: number;
  readonly taValidity: number;
  /** How long a challenge may be answered, and how long a read token is good: 600 seconds at most. */
  readonly challengeSeconds: number;
  readonly tokenSeconds: number;
  /** TAs that one client may have in use. */
  readonly maxTas: number;
  readonly claims: ClaimPolicy;
  readonly settlement: SettlementPolicy;
}

export interface SettlementPolicy {
  /** By how much the deposit allowance is raised at a time; asked for when less than half of it is left. */
  readonly allowanceStep: bigint;
}

export interface ClaimPolicy {
  /** Claims in one durable transaction at most. */
  readonly group: number;
  /** Such transactions at once. */
  readonly inFlight: number;
  /** Clients are spread over nodes (Citus): a group does one client after the other, each with its own statements. */
  readonly sharded: boolean;
}

/** Everything but what only the operator can know: whom to trust and what to allow. */
export const DEFAULT_POLICY: Omit<Policy, "attestation" | "limits"> = {
  walletValidity: 365 * DAY,
  taValidity: 180 * DAY,
  challengeSeconds: 10 * MINUTE,
  tokenSeconds: 10 * MINUTE,
  maxTas: 8,
  claims: { group: 512, inFlight: 2, sharded: false },
  settlement: { allowanceStep: 10_000_000n },
};
