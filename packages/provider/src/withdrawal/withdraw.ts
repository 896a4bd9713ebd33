import {
  homeToTa,
  ok,
  withdrawal,
  withdrawalAcknowledgement,
  type Amount,
  type Refusal,
  type Result,
  type TaId,
  type WalletId,
  type Withdrawal,
} from "@bezant/protocol";
import { taMessage } from "../core/authority.ts";
import type { Core } from "../core/core.ts";
import { counterOf } from "../core/counter.ts";
import { done, refuse, refuseAndKeep, transact, type Decision } from "@bezant/service";
import type { Transaction } from "@bezant/service/db";
import {
  lockAccount,
  numberReference,
  post,
  type AccountKind,
  type Posting,
} from "../ledger/index.ts";
import { keepEvidence } from "../registry/evidence.ts";
import { advanceWithdrawals, readTa, type TaState } from "../registry/tas.ts";
import { creditedTotal, insertWithdrawal, readCredited } from "./store.ts";

/**
 * Figure 6: moves x from offline circulation to the online balance, once for each w, and answers the cumulative
 * acknowledgement. Anybody may bring the message; it credits only the TA's client. Always acknowledged: for a client who
 * is frozen or closed the money goes to suspense.
 */
export async function withdraw(
  core: Core,
  client: WalletId,
  body: Uint8Array,
): Promise<Result<Uint8Array, Refusal>> {
  const message = await taMessage(core, withdrawal, client, body);
  if (!message.ok) return message;
  const { signer: ta, payload } = message.value;
  const credited = await transact(core.db, (transaction) =>
    credit(core, transaction, client, ta, payload, body),
  );
  if (!credited.ok) return credited;
  return ok(await acknowledge(core, ta, credited.value));
}

function acknowledge(core: Core, ta: TaId, w: number): Promise<Uint8Array> {
  const { currency, id: home, chain } = core.identity;
  const context = homeToTa({ currency, home, ta });
  const payload = { w: counterOf(w) };
  return withdrawalAcknowledgement.signAsync(payload, context, core.signer, { chain });
}

async function credit(
  core: Core,
  transaction: Transaction,
  client: WalletId,
  taId: TaId,
  { amount, w }: Withdrawal,
  message: Uint8Array,
): Promise<Decision<number>> {
  const account = await lockAccount(transaction, client);
  const ta = await readTa(transaction, client, taId);
  if (account === undefined || ta === undefined) return refuse("unknown-client");
  if (w <= ta.w) return repeat(core, transaction, client, ta, { amount, w }, message);
  if (ta.readOnlySince !== undefined) return refuse("provider-behind");
  if (w > ta.w + 1) return refuse("withdrawal-gap", `${ta.w + 1} is the next`);
  const at = core.clock.now();
  const total = (await creditedTotal(transaction, client, taId, ta.w)) + amount;
  const target = account.status === "open" ? "online" : "suspense";
  const posted = await post(transaction, account, [posting(taId, w, amount, target)], at);
  if (!posted.ok) throw new Error(`a credit was refused: ${posted.error}`);
  await insertWithdrawal(transaction, client, taId, { w, amount, message, total }, at);
  await advanceWithdrawals(transaction, client, taId, w);
  return done(w);
}

async function repeat(
  core: Core,
  transaction: Transaction,
  client: WalletId,
  ta: TaState,
  { amount, w }: Withdrawal,
  message: Uint8Array,
): Promise<Decision<number>> {
  const known = await readCredited(transaction, client, ta.id, w);
  const isGap = known === undefined || known.kind === "gap";
  if (isGap || known.amount === amount) return done(ta.w);
  const evidence = { kind: "withdrawal-conflict", ta: ta.id } as const;
  const both = { first: known.message ?? null, second: message };
  await keepEvidence(transaction, client, { ...evidence, ...both }, core.clock.now());
  return refuseAndKeep("withdrawal-conflict");
}

function posting(ta: TaId, w: number, amount: Amount, credited: AccountKind): Posting {
  const key = { party: ta, reference: numberReference(w) };
  return { operation: "withdrawal", ...key, debit: "offline", credit: credited, amount };
}
