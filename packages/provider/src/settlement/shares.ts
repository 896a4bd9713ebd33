import type { WalletId } from "@bezant/protocol";
import type { Transaction } from "@bezant/service/db";

/** What is bounded for all clients together. */
export type Purpose = "deposit" | "funding";

/** So many operations at once do not wait for each other. */
const SHARES = 8;

const TAKE = {
  name: "take-share",
  text: `UPDATE shares SET used = used + $3
    WHERE share = $1 AND purpose = $2 AND used + $3 <= granted`,
};
const LOCK = {
  name: "lock-share",
  text: `SELECT granted, used FROM shares WHERE share = $1 AND purpose = $2 FOR NO KEY UPDATE`,
};
const SET = {
  name: "set-share",
  text: `INSERT INTO shares (share, purpose, granted, used) VALUES ($1, $2, $3, $4)
    ON CONFLICT (share, purpose) DO UPDATE SET granted = $3, used = $4`,
};

/**
 * Uses up a part of what may be done, after the client's accounts were locked. A client has a share of its own choice;
 * where that is too small the others make it up.
 * @returns false: all of them together do not suffice
 */
export async function takeShare(
  transaction: Transaction,
  purpose: Purpose,
  client: WalletId,
  x: bigint,
): Promise<boolean> {
  const own = shareOf(client);
  const { count } = await transaction.query(TAKE, [own, purpose, x]);
  if (count === 1) return true;
  const shares = await lockShares(transaction, purpose);
  const { granted, used } = total(shares);
  if (used + x > granted) return false;
  const taken = shares.map((share, index) =>
    index === own ? { ...share, used: share.used + x } : share,
  );
  await spread(transaction, purpose, taken, granted);
  return true;
}

/** Counts what has happened already and cannot be refused. */
export async function addToShare(
  transaction: Transaction,
  purpose: Purpose,
  client: WalletId,
  x: bigint,
): Promise<void> {
  await add(transaction, purpose, shareOf(client), x);
}

/** The same for what belongs to no client that is known. */
export async function useShare(
  transaction: Transaction,
  purpose: Purpose,
  x: bigint,
): Promise<void> {
  await add(transaction, purpose, 0, x);
}

async function add(
  transaction: Transaction,
  purpose: Purpose,
  own: number,
  x: bigint,
): Promise<void> {
  const shares = await lockShares(transaction, purpose);
  if (shares[own]?.exists !== true) return;
  const used = shares[own].used + x;
  const counted = shares.with(own, { ...shares[own], used: used > 0n ? used : 0n });
  await spread(transaction, purpose, counted, total(shares).granted);
}

/** Sets what may be done in total, ever; the first time, `before` is what was done before anything was bounded. */
export async function grant(
  transaction: Transaction,
  purpose: Purpose,
  granted: bigint,
  before: () => Promise<bigint>,
): Promise<void> {
  const shares = await lockShares(transaction, purpose);
  const isNew = shares.every(({ exists }) => !exists);
  const counted = isNew
    ? shares.with(0, { granted: 0n, used: await before(), exists: true })
    : shares;
  await spread(transaction, purpose, counted, granted);
}

interface Share {
  readonly granted: bigint;
  readonly used: bigint;
  readonly exists: boolean;
}

/** One after the other, so that nobody waits in a circle. */
async function lockShares(transaction: Transaction, purpose: Purpose): Promise<readonly Share[]> {
  const shares: Share[] = [];
  for (let share = 0; share < SHARES; share += 1) {
    const { rows } = await transaction.query<Omit<Share, "exists">>(LOCK, [share, purpose]);
    const [row] = rows;
    shares.push(
      row === undefined ? { granted: 0n, used: 0n, exists: false } : { ...row, exists: true },
    );
  }
  return shares;
}

/** Gives every share the same rest. */
async function spread(
  transaction: Transaction,
  purpose: Purpose,
  shares: readonly Share[],
  granted: bigint,
): Promise<void> {
  const { used } = total(shares);
  const rest = granted > used ? granted - used : 0n;
  const [each, odd] = [rest / BigInt(SHARES), rest % BigInt(SHARES)];
  for (const [share, { used: own }] of shares.entries()) {
    const more = share === 0 ? odd : 0n;
    await transaction.query(SET, [share, purpose, own + each + more, own]);
  }
}

function total(shares: readonly Share[]): Omit<Share, "exists"> {
  return shares.reduce(
    (sum, { granted, used }) => ({ granted: sum.granted + granted, used: sum.used + used }),
    { granted: 0n, used: 0n },
  );
}

function shareOf(client: WalletId): number {
  return Number.parseInt(client.slice(0, 2), 16) % SHARES;
}
