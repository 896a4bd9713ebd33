import type { Counter, Seconds } from "@bezant/protocol";
import type { Transaction } from "@bezant/service/db";
import { postHouse } from "./write-offs.ts";

const COMPARE = {
  name: "reports-compared",
  text: "UPDATE restores SET compared_at = $1 WHERE compared_at IS NULL",
};
// Restored twice before a report was sent: what was forgotten since adds up.
const INSERT = {
  name: "insert-take-up",
  text: `INSERT INTO take_ups (report, message, window_number, outward, taken_up_at)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (report) DO UPDATE
    SET message = $2, window_number = $3, outward = take_ups.outward + $4, taken_up_at = $5`,
};
const AFTER = {
  name: "taken-up-before-report",
  text: "SELECT message FROM take_ups WHERE report = $1",
};
const OPEN = {
  name: "open-take-ups",
  text: `SELECT report, outward - returned AS rest, written_off AS "writtenOff" FROM take_ups
    WHERE returned < outward ORDER BY report FOR NO KEY UPDATE`,
};
const RETURN = {
  name: "return-to-take-up",
  text: `UPDATE take_ups SET returned = returned + $2, written_off = written_off - $3
    WHERE report = $1`,
};
const GIVE_UP = {
  name: "give-up-take-up",
  text: "UPDATE take_ups SET written_off = written_off + $2 WHERE report = $1",
};

export interface TakeUp {
  readonly report: bigint;
  readonly message: Uint8Array;
  readonly window: Counter;
  readonly outward: bigint;
  readonly at: Seconds;
}

/** @returns how many declared restores had not been compared with the central bank yet */
export async function setCompared(transaction: Transaction, at: Seconds): Promise<number> {
  const { count } = await transaction.query(COMPARE, [at]);
  return count;
}

export async function insertTakeUp(
  transaction: Transaction,
  { report, message, window, outward, at }: TakeUp,
): Promise<void> {
  await transaction.query(INSERT, [report, message, window, outward, at]);
}

/** The report of before the restore that this one goes on after; undefined: the one before it in this ledger. */
export async function takenUpBefore(
  transaction: Transaction,
  report: bigint,
): Promise<Uint8Array | undefined> {
  const { rows } = await transaction.query<{ message: Uint8Array }>(AFTER, [report]);
  return rows[0]?.message;
}

interface Open {
  readonly report: bigint;
  /** Not brought back by a sync, and how much of that is written off. */
  readonly rest: bigint;
  readonly writtenOff: bigint;
}

/** The forgotten deposits that no sync has brought back yet; that stays so until the transaction ends. */
export async function openTakeUps(transaction: Transaction): Promise<readonly Open[]> {
  const { rows } = await transaction.query<Open>(OPEN);
  return rows;
}

/**
 * A sync has brought deposits back. What nobody has written off comes first; a loss is taken back after that.
 * @returns what of them was reported and forgotten
 */
export async function returnTo(
  transaction: Transaction,
  x: bigint,
  reference: string,
  at: Seconds,
): Promise<bigint> {
  let left = x;
  for (const { report, rest, writtenOff } of await openTakeUps(transaction)) {
    const back = rest < left ? rest : left;
    if (back === 0n) break;
    const kept = rest - back;
    const recovered = writtenOff > kept ? writtenOff - kept : 0n;
    await transaction.query(RETURN, [report, back, recovered]);
    if (recovered > 0n) {
      const one = { operation: "recovery", reference, takeUp: report, amount: recovered } as const;
      await postHouse(transaction, one, at);
    }
    left -= back;
  }
  return x - left;
}

/**
 * The operator gives up so much of it: a loss of the provider.
 * @returns false: not so much is missing, and nothing has changed
 */
export async function giveUp(
  transaction: Transaction,
  open: readonly Open[],
  x: bigint,
  reference: string,
  at: Seconds,
): Promise<boolean> {
  if (open.reduce((sum, { rest, writtenOff }) => sum + rest - writtenOff, 0n) < x) return false;
  let left = x;
  for (const { report, rest, writtenOff } of open) {
    const missing = rest - writtenOff;
    const amount = missing < left ? missing : left;
    if (amount === 0n) continue;
    await transaction.query(GIVE_UP, [report, amount]);
    await postHouse(transaction, { operation: "write-off", reference, takeUp: report, amount }, at);
    left -= amount;
  }
  return true;
}
