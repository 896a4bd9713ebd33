import {
  err,
  ok,
  refusal,
  type Amount,
  type Refusal,
  type Result,
  type Seconds,
  type WalletId,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { done, transact, type Decision } from "@bezant/service";
import type { Transaction } from "@bezant/service/db";
import {
  lockAccounts,
  numberReference,
  post,
  postMany,
  type Account,
  type ClientPostings,
  type Posting,
} from "../ledger/index.ts";
import { keepEvidence } from "../registry/evidence.ts";
import { insertClaimReview, readClaimReview, wasKnown } from "../status/reviews.ts";
import type { RevokedView } from "../status/view.ts";
import {
  insertClaims,
  keyOf,
  readClaims,
  readPayment,
  type Claim,
  type ClaimRow,
} from "./store.ts";

/** How a payment to a wallet ended. */
export interface Ending {
  readonly kind: "claimed" | "never-settled";
  readonly amount: Amount;
}

export type Settled = Result<Ending, Refusal>;

/**
 * Settles a group of claims in one durable transaction: inserts what is new, credits exactly that, reads the rest. Every
 * account is locked first, in the order of the ids, so two groups at once cannot wait for each other in a circle.
 */
export function settle(
  core: Core,
  view: RevokedView,
  claims: readonly Claim[],
): Promise<Result<readonly Settled[], Refusal>> {
  return transact(core.db, (transaction) => settleIn(core, view, transaction, claims));
}

async function settleIn(
  { clock, policy }: Core,
  view: RevokedView,
  transaction: Transaction,
  claims: readonly Claim[],
): Promise<Decision<readonly Settled[]>> {
  const at = clock.now();
  const answers = new Map<Claim, Settled>();
  await view.refresh(transaction);
  for (const part of policy.claims.sharded ? byReceiver(claims) : [claims]) {
    await settlePart(transaction, view, part, answers, at);
  }
  return done(claims.map((claim) => answers.get(claim) ?? err(refusal("unknown-client"))));
}

async function settlePart(
  transaction: Transaction,
  view: RevokedView,
  claims: readonly Claim[],
  answers: Map<Claim, Settled>,
  at: Seconds,
): Promise<void> {
  const receivers = claims.map(({ receiver }) => receiver);
  const accounts = await lockAccounts(transaction, receivers);
  const known = claims.filter(({ receiver }) => accounts.has(receiver));
  if (known.length === 0) return;
  const isRevoked = ({ certificate, issued }: Claim): boolean =>
    issued === "unreported" || view.isSuspect(certificate);
  const suspects = known.filter((claim) => claim.issued === "unknown" || isRevoked(claim));
  const held = await holdBack(transaction, suspects, isRevoked, answers, at);
  const judged = known.filter((claim) => !held.has(claim));
  if (judged.length === 0) return;
  const inserted = await insertClaims(transaction, judged, at);
  await creditClaims(transaction, accounts, inserted, at);

  const rows = new Map(inserted.map((row) => [keyOf(row), row]));
  const rest = judged.filter((claim) => !rows.has(keyOf(claim)));
  if (rest.length > 0) {
    for (const row of await readClaims(transaction, rest)) rows.set(keyOf(row), row);
  }
  for (const claim of judged) {
    const row = rows.get(keyOf(claim));
    if (row === undefined) throw new Error("a claim is neither new nor known");
    answers.set(claim, await judge(transaction, claim, row, at));
  }
}

/**
 * Payments of revoked TAs, as long as nobody has decided about them: kept, not credited (protocol document §18.6). Not held
 * back is what was decided before, and what the TA had told of before it was revoked. Of whom nobody can say now whether it
 * counts as revoked (§16.3.5), nothing is kept: it is to be brought again.
 */
async function holdBack(
  transaction: Transaction,
  suspects: readonly Claim[],
  isRevoked: (claim: Claim) => boolean,
  answers: Map<Claim, Settled>,
  at: Seconds,
): Promise<ReadonlySet<Claim>> {
  const held = new Set<Claim>();
  for (const claim of suspects) {
    const [decided] = await readClaims(transaction, [claim]);
    if (decided !== undefined || (await wasKnown(transaction, claim))) continue;
    held.add(claim);
    if (!isRevoked(claim)) {
      answers.set(claim, err(refusal("issuer-unconfirmed")));
      continue;
    }
    await insertClaimReview(transaction, claim, at);
    const review = await readClaimReview(transaction, claim);
    if (review === undefined) throw new Error("a review is neither new nor known");
    const isSame = review.digest === claim.digest;
    if (!isSame) await keepFork(transaction, claim, review.payment, at);
    answers.set(claim, err(refusal(isSame ? "claim-in-review" : "payment-fork")));
  }
  return held;
}

/** Credits what was inserted, exactly that. */
export async function creditClaims(
  transaction: Transaction,
  accounts: ReadonlyMap<WalletId, Account>,
  inserted: readonly ClaimRow[],
  at: Seconds,
): Promise<void> {
  const byClient = new Map<WalletId, Posting[]>();
  for (const row of inserted) {
    const account = accounts.get(row.receiver);
    if (account === undefined) throw new Error("a claim without an account");
    const postings = byClient.get(row.receiver) ?? [];
    postings.push(posting(row, account));
    byClient.set(row.receiver, postings);
  }
  const all: ClientPostings[] = [];
  for (const [client, postings] of byClient) {
    all.push({ account: accounts.get(client) as Account, postings });
  }
  const [only] = all;
  if (only === undefined) return;
  if (all.length > 1) return postMany(transaction, all, at);
  const posted = await post(transaction, only.account, only.postings, at);
  if (!posted.ok) throw new Error(`a credit was refused: ${posted.error}`);
}

/** What a claim gets that finds this row in its place. */
async function judge(
  transaction: Transaction,
  claim: Claim,
  row: ClaimRow,
  at: Seconds,
): Promise<Settled> {
  // Declined, perhaps unseen: the outcome names the amount of the payment that is now here.
  if (row.status === "never-settled") return ok({ kind: row.status, amount: claim.amount });
  if (row.digest === claim.digest) return ok({ kind: row.status, amount: row.amount });
  await keepFork(transaction, claim, await readPayment(transaction, claim), at);
  return err(refusal("payment-fork"));
}

async function keepFork(
  transaction: Transaction,
  { receiver, sender: ta, payment: second }: Claim,
  first: Uint8Array | null,
  at: Seconds,
): Promise<void> {
  await keepEvidence(transaction, receiver, { kind: "payment-fork", ta, first, second }, at);
}

function posting({ sender, j, amount }: ClaimRow, { status }: Account): Posting {
  const key = { operation: "claim", party: sender, reference: numberReference(j) } as const;
  const credit = status === "open" ? "online" : "suspense";
  return { ...key, debit: "offline", credit, amount };
}

/** One part for each receiver, in the order of their ids. */
function byReceiver(claims: readonly Claim[]): readonly (readonly Claim[])[] {
  const parts = Map.groupBy(claims, ({ receiver }) => receiver);
  return [...parts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, part]) => part);
}
