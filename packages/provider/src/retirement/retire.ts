import { retirement, type Refusal, type Result, type TaId, type WalletId } from "@bezant/protocol";
import { taMessage } from "../core/authority.ts";
import type { Core } from "../core/core.ts";
import { done, refuse, transact, type Decision } from "@bezant/service";
import type { Transaction } from "@bezant/service/db";
import { readConfirmations } from "../deposit/store.ts";
import { lockAccount, post } from "../ledger/index.ts";
import { readTa } from "../registry/tas.ts";
import { freeDevice } from "../ta-registration/store.ts";
import { returnPosting } from "./posting.ts";
import { setRetired } from "./store.ts";

export interface RetirementReceipt {
  readonly ta: TaId;
  /** The last confirmation that the TA had applied. */
  readonly d: number;
  /** Of the confirmations after it: back in the online balance. */
  readonly returned: bigint;
}

/** More confirmations than this are never on their way to one TA. */
const MOST = 4096;

/**
 * Takes a TA's last word (protocol document §12.3): it is empty, and does nothing any more. What it can never apply goes
 * back to the online balance, and its device may be registered anew, also by another client.
 */
export async function retire(
  core: Core,
  client: WalletId,
  body: Uint8Array,
): Promise<Result<RetirementReceipt, Refusal>> {
  const word = await taMessage(core, retirement, client, body);
  if (!word.ok) return word;
  const { signer: ta, payload } = word.value;
  return transact(core.db, (transaction) =>
    end(core, transaction, client, ta, payload.d, payload.w),
  );
}

async function end(
  core: Core,
  transaction: Transaction,
  client: WalletId,
  taId: TaId,
  d: number,
  w: number,
): Promise<Decision<RetirementReceipt>> {
  const account = await lockAccount(transaction, client);
  const ta = await readTa(transaction, client, taId);
  if (account === undefined || ta === undefined) return refuse("unknown-client");
  if (d > ta.d || w > ta.w) return refuse("provider-behind");
  const unapplied = await readConfirmations(transaction, client, taId, d + 1, MOST);
  const returned = unapplied.reduce((sum, { amount }) => sum + amount, 0n);
  const receipt = { ta: taId, d, returned };
  if (ta.status === "retired") return done(receipt);
  const at = core.clock.now();
  const postings = unapplied.map((one) => returnPosting(account, taId, one.d, one.amount));
  const posted = await post(transaction, account, postings, at);
  if (!posted.ok) throw new Error(`a return was refused: ${posted.error}`);
  await setRetired(transaction, client, taId);
  await freeDevice(transaction, ta.device, client);
  return done(receipt);
}
