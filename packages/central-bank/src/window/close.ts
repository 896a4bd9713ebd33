import { MAX_COUNTER, type Seconds } from "@bezant/protocol";
import { done, refuse, type Decision } from "@bezant/service";
import type { Transaction } from "@bezant/service/db";
import { lockWindow } from "../core/providers.ts";
import {
  lockBalances,
  OWN,
  post,
  settle,
  type AccountName,
  type Position,
  type Reported,
} from "../ledger/index.ts";

const REPORTED = {
  name: "reported-in-window",
  text: `SELECT provider, max(n) AS report, sum(outward) AS outward, sum(inward) AS inward
    FROM reports WHERE settlement_window = $1 GROUP BY provider ORDER BY provider`,
};
const CLOSE = {
  name: "close-window",
  text: "UPDATE windows SET closed_at = $2, shortfall = $3 WHERE number = $1",
};
const OPEN = { name: "open-window", text: "INSERT INTO windows (number) VALUES ($1)" };
const INSERT_POSITIONS = {
  name: "insert-positions",
  text: `INSERT INTO positions
      (settlement_window, provider, report, outward, inward, uncovered, reserves, prefund)
    SELECT $1, p.* FROM unnest($2::text[], $3::bigint[], $4::numeric[], $5::numeric[], $6::numeric[],
      $7::numeric[], $8::numeric[]) AS p`,
};

type Sums = Pick<Reported, "provider" | "report" | "outward" | "inward">;

/** Closes the window if it is the open one, posts what its reports come to, and opens the next: all or nothing, once. */
export async function closeWindow(
  transaction: Transaction,
  window: bigint,
  at: Seconds,
): Promise<Decision<void>> {
  const open = await lockWindow(transaction);
  if (window < open) return refuse(window < 1n ? "unknown-window" : "window-closed");
  if (window > open || window >= BigInt(MAX_COUNTER)) return refuse("unknown-window");
  const { rows: sums } = await transaction.query<Sums>(REPORTED, [window]);
  const holders = sums.flatMap(({ provider: holder }): AccountName[] => [
    { kind: "reserves", holder },
    { kind: "prefund", holder },
    { kind: "loss", holder },
  ]);
  const own: AccountName[] = [
    { kind: "circulation", holder: OWN },
    { kind: "loss", holder: OWN },
  ];
  const balances = await lockBalances(transaction, [...holders, ...own]);
  const balanceOf = (account: string): bigint => {
    const balance = balances.get(account);
    if (balance === undefined) throw new Error(`no account ${account}`);
    return balance;
  };
  const reports = sums.map((one) => ({
    ...one,
    reserves: balanceOf(`reserves/${one.provider}`),
    prefund: balanceOf(`prefund/${one.provider}`),
  }));
  const { positions, shortfall, entries } = settle(reports, {
    circulation: balanceOf("circulation/"),
    loss: balanceOf("loss/"),
  });
  const posting = { operation: "window", reference: `${window}`, entries } as const;
  const posted = await post(transaction, posting, at);
  if (!posted.ok) throw new Error(`a window was refused: ${posted.error.kind}`);
  await transaction.query(INSERT_POSITIONS, [window, ...transpose(positions)]);
  await transaction.query(CLOSE, [window, at, shortfall]);
  await transaction.query(OPEN, [window + 1n]);
  return done(undefined);
}

function transpose(positions: readonly Position[]): unknown[][] {
  return [
    positions.map(({ provider }) => provider),
    positions.map(({ report }) => report),
    positions.map(({ outward }) => outward),
    positions.map(({ inward }) => inward),
    positions.map(({ uncovered }) => uncovered),
    positions.map(({ reserves }) => reserves),
    positions.map(({ prefund }) => prefund),
  ];
}
