import { sha256, toHex, type Seconds, type TaId, type WalletId } from "@bezant/protocol";
import type { Transaction } from "@bezant/service/db";
import { bytea } from "../ledger/index.ts";

export type EvidenceKind =
  | "payment-fork"
  | "withdrawal-conflict"
  | "outcome-conflict"
  | "deposit-conflict"
  | "inconsistent-totals";

/** What cannot be the work of a sound TA and an honest provider. */
export interface Evidence {
  readonly kind: EvidenceKind;
  readonly ta: TaId;
  /** What was known before, if anything was. */
  readonly first: Uint8Array | null;
  readonly second: Uint8Array;
}

const KEEP = {
  name: "keep-evidence",
  text: `INSERT INTO evidence (client_id, kind, digest, ta_id, first, second, found_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
};

/** Keeps a proof once, however often it is brought. */
export async function keepEvidence(
  transaction: Transaction,
  client: WalletId,
  { kind, ta, first, second }: Evidence,
  at: Seconds,
): Promise<void> {
  const digest = bytea(toHex(sha256(second)));
  const values = [bytea(client), kind, digest, bytea(ta), first, second, at];
  await transaction.query(KEEP, values);
}
