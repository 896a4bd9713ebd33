import {
  decode,
  depositConfirmation,
  encode,
  homeToTa,
  unwrap,
  type Amount,
  type DepositConfirmation,
  type Seconds,
  type TaId,
  type WalletId,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { counterOf } from "../core/counter.ts";
import type { Transaction } from "@bezant/service/db";
import { advanceDeposits, type TaState } from "../registry/tas.ts";
import { confirmedTotal, insertConfirmation, type Confirmation } from "./store.ts";

export interface Grounds {
  readonly amount: Amount;
  /** The payment that is refunded; a deposit without one. */
  readonly j?: number;
}

/** Issues confirmation S.d + 1: from now on only the TA can have this money. Posts nothing. */
export async function issueConfirmation(
  transaction: Transaction,
  client: WalletId,
  ta: TaState,
  { amount, j }: Grounds,
  at: Seconds,
): Promise<Confirmation> {
  const d = ta.d + 1;
  const kind = j === undefined ? "deposit" : "refund";
  const named = j === undefined ? {} : { j: counterOf(j) };
  const content: DepositConfirmation = { amount, d: counterOf(d), kind, ...named };
  const payload = encode(depositConfirmation.payload, content);
  const total = (await confirmedTotal(transaction, client, ta.id, ta.d)) + amount;
  const row = { d, kind, amount, payload, total, ...(j === undefined ? {} : { j }) } as const;
  await insertConfirmation(transaction, client, ta.id, row, at);
  await advanceDeposits(transaction, client, ta.id, d);
  return row;
}

/** Figure 5: signs a confirmation for its TA; only after COMMIT, and as often as it is asked for. */
export function signConfirmation(
  core: Core,
  ta: TaId,
  { payload }: Confirmation,
): Promise<Uint8Array> {
  if (payload === undefined) throw new Error("a gap has no confirmation");
  const { currency, id: home, chain } = core.identity;
  const content = unwrap(decode(depositConfirmation.payload, payload));
  const context = homeToTa({ currency, home, ta });
  return depositConfirmation.signAsync(content, context, core.signer, { chain });
}
