import {
  counter,
  homeToTa,
  keyId,
  limitsProfile,
  MAX_PINS,
  ok,
  sha256,
  syncRequest,
  syncResponse,
  toHex,
  unwrap,
  type FromHolder,
  type Limits,
  type Refusal,
  type Result,
  type Seconds,
  type SyncRequest,
  type SyncResponse,
  type TaId,
  type WalletId,
} from "@bezant/protocol";
import { taMessage } from "../core/authority.ts";
import type { Core } from "../core/core.ts";
import { done, refuse, refuseAndKeep, transact, type Decision } from "@bezant/service";
import type { Transaction } from "@bezant/service/db";
import { readConfirmations } from "../deposit/store.ts";
import { lockAccount, type Account } from "../ledger/index.ts";
import { keepEvidence } from "../registry/evidence.ts";
import { readTa, setReadOnly, type TaState } from "../registry/tas.ts";
import { readHeads } from "../status/lists.ts";
import { readRevokedKeys } from "../status/revocations.ts";
import { readCredited } from "../withdrawal/store.ts";
import { compare, type Mark } from "./compare.ts";
import { splitSync, verifyParts, type SyncedParts } from "./parts.ts";
import { reconcile } from "./reconcile.ts";
import {
  finishSync,
  recordSync,
  storedThrough,
  storeOutcome,
  storePayment,
  type Adjustment,
} from "./store.ts";

const NONE: Adjustment = { deposits: 0n, withdrawals: 0n };

/**
 * Takes a TA's account of itself with the payments and outcomes that its wallet holds (protocol document §12), and answers
 * what lets the TA forget them, its limits and the time. Where the ledger has lost part of the TA's history, as after a
 * restore from a backup, the second of two syncs brings it back: only a request made after the first one's answer is
 * known not to be an old one.
 */
export async function sync(
  core: Core,
  client: WalletId,
  body: Uint8Array,
): Promise<Result<Uint8Array, Refusal>> {
  const split = splitSync(body);
  if (!split.ok) return split;
  const [first, rest] = split.value;
  const request = await taMessage(core, syncRequest, client, first);
  if (!request.ok) return request;
  const ta = request.value.signer;
  const parts = await verifyParts(core, client, ta, rest);
  if (!parts.ok) return parts;
  const response = await transact(core.db, (transaction) =>
    record(core, transaction, client, request.value, parts.value),
  );
  if (!response.ok) return response;
  const { currency, id: home, chain } = core.identity;
  const context = homeToTa({ currency, home, ta });
  return ok(await syncResponse.signAsync(response.value, context, core.signer, { chain }));
}

type Request = FromHolder<SyncRequest> & { readonly signer: TaId };

async function record(
  core: Core,
  transaction: Transaction,
  client: WalletId,
  request: Request,
  parts: SyncedParts,
): Promise<Decision<SyncResponse>> {
  const account = await lockAccount(transaction, client);
  const ta = await readTa(transaction, client, request.signer);
  if (account === undefined || ta === undefined) return refuse("unknown-client");
  if (ta.status !== "active") return refuse("unknown-trusted-app", "retired");
  const at = core.clock.now();
  for (const payment of parts.payments) await storePayment(transaction, client, payment, at);
  for (const outcome of parts.outcomes) {
    await storeOutcome(transaction, client, ta.id, outcome, at);
  }
  const compared = await compareHistories(core, transaction, account, ta, request, at);
  if (!compared.ok || !compared.value.ok) return compared as Decision<never>;
  await recordSync(transaction, client, ta.id, request, compared.value.value, at);
  return done(await answer(core, transaction, client, ta.id, request.payload, at));
}

async function compareHistories(
  core: Core,
  transaction: Transaction,
  account: Account,
  ta: TaState,
  { payload, bytes }: Request,
  at: Seconds,
): Promise<Decision<Adjustment>> {
  const confirmed = await confirmedAt(transaction, account.id, ta, payload.d);
  const credited = await creditedAt(transaction, account.id, ta, payload.w);
  const comparison = compare(payload, { d: ta.d, w: ta.w, confirmed, credited });
  if (comparison === "contradicts") {
    const evidence = {
      kind: "inconsistent-totals",
      ta: ta.id,
      first: null,
      second: bytes,
    } as const;
    await keepEvidence(transaction, account.id, evidence, at);
    return refuseAndKeep("sync-conflict");
  }
  const since = ta.readOnlySince;
  if (since === undefined) {
    if (comparison === "behind") await setReadOnly(transaction, account.id, ta.id, at);
    return done(NONE);
  }
  // The TA's time comes from our answers: one that is older may have been signed before whatever we have lost.
  if (payload.time < since) return done(NONE);
  const nonce = toHex(payload.nonce);
  const reconciled = await reconcile(core, transaction, account, ta, payload, nonce, at);
  if (reconciled.ok) return done(reconciled.value);
  return refuse("provider-behind", "the online balance has to be restored first");
}

async function confirmedAt(
  transaction: Transaction,
  client: WalletId,
  ta: TaState,
  d: number,
): Promise<Mark | undefined> {
  if (d === 0) return { total: 0n };
  const [row] = await readConfirmations(transaction, client, ta.id, d, 1);
  if (row?.d !== d) return undefined;
  const digest = row.payload === undefined ? undefined : sha256(row.payload);
  return { total: row.total, digest };
}

async function creditedAt(
  transaction: Transaction,
  client: WalletId,
  ta: TaState,
  w: number,
): Promise<Mark | undefined> {
  if (w === 0) return { total: 0n };
  const row = await readCredited(transaction, client, ta.id, w);
  return row?.w === w ? { total: row.total } : undefined;
}

async function answer(
  core: Core,
  transaction: Transaction,
  client: WalletId,
  taId: TaId,
  { nonce }: SyncRequest,
  at: Seconds,
): Promise<SyncResponse> {
  const ta = await readTa(transaction, client, taId);
  if (ta === undefined) throw new Error("the TA is gone");
  const stored = await storedThrough(transaction, client, taId, ta.stored);
  const unlock = unlocking(ta, nonce);
  await finishSync(transaction, client, taId, { stored, ...unlock });
  return {
    nonce,
    limits: limitsFor(core, ta),
    time: at,
    w: counter(ta.w),
    stored: counter(stored),
    unlockPin: unlock.unlockWanted,
    ...(await pinsFor(core, transaction)),
  };
}

/** What the TA is to know of institutions: of this provider first, then of those whose lists came last. */
async function pinsFor(
  { identity }: Core,
  transaction: Transaction,
): Promise<Pick<SyncResponse, "epochs" | "revokedKeys">> {
  const heads = await readHeads(transaction);
  const own = heads.filter(({ issuer }) => issuer === identity.id);
  const others = heads.filter(({ issuer }) => issuer !== identity.id);
  const keys = await readRevokedKeys(transaction);
  return {
    epochs: [...own, ...others]
      .slice(0, MAX_PINS)
      .map(({ issuer, epoch }) => [issuer, epoch] as const),
    revokedKeys: keys.slice(0, MAX_PINS).map(({ kid, since }) => [keyId(kid), since] as const),
  };
}

/** A wanted unlocking goes with the answers to one sync; another sync shows that it is over. */
function unlocking(
  { unlockWanted, unlockNonce }: TaState,
  nonce: Uint8Array,
): Pick<TaState, "unlockWanted" | "unlockNonce"> {
  if (!unlockWanted) return { unlockWanted, unlockNonce: undefined };
  const isOver = unlockNonce !== undefined && toHex(unlockNonce) !== toHex(nonce);
  return isOver
    ? { unlockWanted: false, unlockNonce: undefined }
    : { unlockWanted: true, unlockNonce: nonce };
}

/** The newest version of the profile that the TA's certificate names; another profile needs another certificate. */
function limitsFor({ policy }: Core, ta: TaState): Limits {
  const own = unwrap(limitsProfile.parse(ta.limitsProfile)).payload;
  return own.profile === policy.limits.profile ? policy.limits : own;
}
