import {
  concatBytes,
  depositRequest,
  depositReservation,
  err,
  ok,
  refusal,
  type Amount,
  type Refusal,
  type Result,
  type TaId,
  type WalletId,
} from "@bezant/protocol";
import { taMessage, walletOrder } from "../core/authority.ts";
import type { Core } from "../core/core.ts";
import { done, refuse, refuseAndKeep, transact, type Decision } from "@bezant/service";
import type { Transaction } from "@bezant/service/db";
import { lockAccount, numberReference, post, type Posting } from "../ledger/index.ts";
import { isBehind, readTa, setReadOnly } from "../registry/tas.ts";
import { takeAllowance } from "../settlement/bounds.ts";
import { revokedAt } from "../status/revocations.ts";
import { issueConfirmation, signConfirmation } from "./confirm.ts";
import { readConfirmations, type Confirmation } from "./store.ts";

/** Confirmations in one answer; what is missing comes with the next deposit, whose d acknowledges these. */
const MOST = 64;

export interface DepositRefusal extends Refusal {
  /** With `deposit-outstanding`: what the TA has to apply first. */
  readonly confirmations?: readonly Uint8Array[];
}

interface Reserved {
  readonly amount: Amount;
  readonly d: number;
}

interface Deposited {
  readonly confirmations: readonly Confirmation[];
  /** The first of them is a refund, or for another amount than was asked for. */
  readonly outstanding: boolean;
}

/**
 * Figure 5: moves x from the online balance to offline circulation and answers the TA's confirmations from the
 * reservation's d on, a CBOR sequence. A repeated request moves nothing and gets the same confirmations.
 */
export async function deposit(
  core: Core,
  client: WalletId,
  body: Uint8Array,
): Promise<Result<Uint8Array, DepositRefusal>> {
  const order = await walletOrder(core, depositRequest, client, body);
  if (!order.ok) return order;
  const reserved = await taMessage(
    core,
    depositReservation,
    client,
    order.value.payload.reservation,
  );
  if (!reserved.ok) return reserved;
  const { signer: ta, payload } = reserved.value;
  const decided = await transact(core.db, (transaction) =>
    decide(core, transaction, client, ta, payload),
  );
  if (!decided.ok) return decided;
  const { confirmations, outstanding } = decided.value;
  const signed = await Promise.all(confirmations.map((one) => signConfirmation(core, ta, one)));
  if (outstanding) return err({ ...refusal("deposit-outstanding"), confirmations: signed });
  return ok(concatBytes(...signed));
}

async function decide(
  core: Core,
  transaction: Transaction,
  client: WalletId,
  taId: TaId,
  { amount, d }: Reserved,
): Promise<Decision<Deposited>> {
  const account = await lockAccount(transaction, client);
  const ta = await readTa(transaction, client, taId);
  if (account === undefined || ta === undefined) return refuse("unknown-client");
  if (d > ta.d + 1) {
    await setReadOnly(transaction, client, taId, core.clock.now());
    return refuseAndKeep(
      "provider-behind",
      `the TA has applied ${d - 1}, here ${ta.d} is the last`,
    );
  }
  if (d <= ta.d) {
    const issued = await readConfirmations(transaction, client, taId, d, MOST);
    const confirmations = issued.filter(({ kind }) => kind !== "gap");
    const [first] = confirmations;
    const isAsked = first?.d === d && first.kind === "deposit" && first.amount === amount;
    return done({ confirmations, outstanding: !isAsked });
  }
  if (ta.status !== "active") return refuse("unknown-trusted-app", "retired");
  if (account.status !== "open") return refuse("client-frozen");
  if ((await revokedAt(transaction, client, taId)) !== undefined) return refuse("holder-revoked");
  if (await isBehind(transaction, client)) return refuse("provider-behind");
  const at = core.clock.now();
  const posted = await post(transaction, account, [depositPosting(taId, d, amount)], at);
  if (!posted.ok) return refuse(posted.error);
  // The last lock of all: whoever waits for it holds back nobody but its own client.
  const isAllowed = await takeAllowance(core, transaction, client, amount);
  if (!isAllowed) return refuse("allowance-exhausted");
  const confirmation = await issueConfirmation(transaction, client, ta, { amount }, at);
  return done({ confirmations: [confirmation], outstanding: false });
}

function depositPosting(ta: TaId, d: number, amount: Amount): Posting {
  const key = { party: ta, reference: numberReference(d) };
  return { operation: "deposit", ...key, debit: "online", credit: "offline", amount };
}
