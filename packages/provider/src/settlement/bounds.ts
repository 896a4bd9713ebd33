import type { WalletId } from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import type { Transaction } from "@bezant/service/db";
import { addToShare, grant, takeShare } from "./shares.ts";

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

/** Counts a deposit that a TA has already applied, as a sync after a restore tells. */
export async function countDeposit(
  { centralBank }: Bounded,
  transaction: Transaction,
  client: WalletId,
  x: bigint,
): Promise<void> {
  if (centralBank !== undefined) await addToShare(transaction, "deposit", client, x);
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
  await grant(transaction, "deposit", granted, () => sum(transaction, DEPOSITED));
}

/** All funding of this provider's clients together, ever, may come to this. */
export async function grantFunding(transaction: Transaction, granted: bigint): Promise<void> {
  await grant(transaction, "funding", granted, () => sum(transaction, FUNDED));
}

async function sum(transaction: Transaction, statement: string): Promise<bigint> {
  const { rows } = await transaction.query<{ amount: bigint }>(statement);
  return rows[0]?.amount ?? 0n;
}
