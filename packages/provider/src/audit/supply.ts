import { err, ok, type Refusal, type Result } from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { fromDatabase } from "@bezant/service";
import { auditLedger, isLedgerBalanced, type LedgerSupply } from "../ledger/index.ts";
import { findMismatches, type Mismatch } from "./rows.ts";
import { readPosition, type Position } from "./position.ts";

/** All of this provider's money, from its ledger alone, and what is wrong, if anything is. */
export interface Supply extends LedgerSupply {
  /** Transfers and the rows of their operations that do not say the same. */
  readonly mismatches: readonly Mismatch[];
  /** How much of it the central bank has been told. */
  readonly position: Position;
}

/** The supply audit: balances against transfers, transfers against what they stand for, and both against the reports. */
export async function auditSupply({
  db,
  policy,
}: Pick<Core, "db" | "policy">): Promise<Result<Supply, Refusal>> {
  const ledger = await auditLedger(db);
  if (!ledger.ok) return err(fromDatabase(ledger.error));
  const mismatches = await findMismatches(db, policy.claims.sharded);
  if (!mismatches.ok) return err(fromDatabase(mismatches.error));
  const position = await readPosition(db);
  if (!position.ok) return position;
  return ok({ ...ledger.value, mismatches: mismatches.value, position: position.value });
}

/** Nothing is missing, nothing too much, and every row says the same. */
export function isBalanced(supply: Supply): boolean {
  return isLedgerBalanced(supply) && supply.mismatches.length === 0;
}
