import type { Seconds, WalletId } from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import type { Transaction } from "@bezant/service/db";
import { addToShare, grant, takeShare, useShare } from "./shares.ts";
import { openTakeUps, returnTo } from "./take-ups.ts";

type Bounded = Pick<Core, "centralBank">;

// A provider without a central bank (a test, a closed system) settles with nobody, so there is nobody to bound it.

/** Whether the central bank's allowance covers one more deposit; it counts as made. */
export async function takeAllowance(
  { centralBank }: Bounded,
  transaction: Transaction,
  client: WalletId,
  x: bigint,
): Promise<boolean> {
  return centralBank === undefined || takeShare(transaction, "deposit", client, x);
}

/**
 * Counts a deposit that a TA has already applied, as a sync after a restore tells. What the central bank was told of it
 * before the restore has been counted when that was taken up.
 */
export async function countDeposit(
  { centralBank }: Bounded,
  transaction: Transaction,
  client: WalletId,
  x: bigint,
  sync: { readonly reference: string; readonly at: Seconds },
): Promise<void> {
  if (centralBank === undefined) return;
  const left = x - (await returnTo(transaction, x, sync.reference, sync.at));
  if (left > 0n) await addToShare(transaction, "deposit", client, left);
}

/** By how much the deposits that were reported exceed those that are counted here. */
export async function forgottenDeposits(
  transaction: Transaction,
  reported: bigint,
): Promise<bigint> {
  const missing = reported - (await deposited(transaction));
  return missing > 0n ? missing : 0n;
}

/** Counts deposits that were reported and forgotten, whosever they were. */
export async function countForgotten(transaction: Transaction, x: bigint): Promise<void> {
  await useShare(transaction, "deposit", x);
}

/** Whether the reserves cover one more funding of a client; it counts as made. */
export async function takeReserves(
  { centralBank }: Bounded,
  transaction: Transaction,
  client: WalletId,
  x: bigint,
): Promise<boolean> {
  return centralBank === undefined || takeShare(transaction, "funding", client, x);
}

const DEPOSITED = `/* all clients: the allowance is theirs together */
  SELECT coalesce(sum(amount), 0) AS amount FROM transfers
  WHERE operation = 'deposit' OR (operation = 'reconciliation' AND credit = 'offline')`;
const FUNDED = `/* all clients: the reserves are theirs together */
  SELECT coalesce(-sum(reserves), 0) AS amount FROM accounts`;

/** All deposits of this provider together, ever, may come to this. */
export async function grantDeposits(transaction: Transaction, granted: bigint): Promise<void> {
  await grant(transaction, "deposit", granted, () => deposited(transaction));
}

/** All funding of this provider's clients together, ever, may come to this. */
export async function grantFunding(transaction: Transaction, granted: bigint): Promise<void> {
  await grant(transaction, "funding", granted, () => sum(transaction, FUNDED));
}

/** All deposits of this ledger, and those that it has forgotten and knows of. */
async function deposited(transaction: Transaction): Promise<bigint> {
  let total = await sum(transaction, DEPOSITED);
  for (const { rest } of await openTakeUps(transaction)) total += rest;
  return total;
}

async function sum(transaction: Transaction, statement: string): Promise<bigint> {
  const { rows } = await transaction.query<{ amount: bigint }>(statement);
  return rows[0]?.amount ?? 0n;
}
