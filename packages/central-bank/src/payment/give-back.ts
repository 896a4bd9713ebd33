import {
  equalBytes,
  interbankAnswer,
  ok,
  paymentReturn,
  type InterbankAnswer,
  type PaymentReturn,
  type ProviderId,
  type Refusal,
  type Result,
  type Seconds,
} from "@bezant/protocol";
import { done, refuse, transact, type Decision } from "@bezant/service";
import type { Transaction } from "@bezant/service/db";
import { say, type Core } from "../core/core.ts";
import { fromProvider } from "../core/hear.ts";
import { lockProviders } from "../core/providers.ts";
import { post, transfer } from "../ledger/index.ts";
import { answerOf } from "./pay.ts";
import {
  ADVICE,
  advise,
  paymentReference,
  readPayment,
  setReturned,
  type AdviceRow,
} from "./store.ts";

const READ_ADVICE = {
  name: "read-advice",
  text: `${ADVICE} WHERE a.provider = $1 AND a.n = $2`,
};

/**
 * Gives a payment back that the payee's provider cannot credit: out of its reserves, once. The same return again gets the same answer.
 * `paymentReturn` → `interbankAnswer`.
 */
export async function giveBack(core: Core, body: Uint8Array): Promise<Result<Uint8Array, Refusal>> {
  const heard = await fromProvider(core, paymentReturn, body);
  if (!heard.ok) return heard;
  const { provider, payload } = heard.value;
  const returned = await transact(core.db, (transaction) =>
    giveBackIn(transaction, provider, payload, core.clock.now()),
  );
  return returned.ok ? ok(await say(core, interbankAnswer, returned.value, provider)) : returned;
}

async function giveBackIn(
  transaction: Transaction,
  payeeProvider: ProviderId,
  { n, payerProvider, instruction, amount, reason }: PaymentReturn,
  at: Seconds,
): Promise<Decision<InterbankAnswer>> {
  const rows = await lockProviders(transaction, [payeeProvider, payerProvider]);
  if (!rows.has(payeeProvider)) return refuse("unknown-provider");
  const { rows: advices } = await transaction.query<AdviceRow>(READ_ADVICE, [payeeProvider, n]);
  const [advice] = advices;
  const payer = rows.get(payerProvider);
  const isOf =
    advice?.kind === "payment" &&
    advice.payerProvider === payerProvider &&
    advice.amount === amount &&
    equalBytes(advice.instruction, instruction);
  if (!isOf || payer === undefined) return refuse("unknown-advice");
  const payment = await readPayment(transaction, payerProvider, instruction);
  if (payment === undefined) throw new Error("an advice without a payment");
  if (payment.state === "returned") return done(answerOf(payerProvider, instruction, payment));
  const entries = transfer(
    { kind: "reserves", holder: payeeProvider },
    { kind: "reserves", holder: payerProvider },
    amount,
  );
  const reference = paymentReference(payerProvider, instruction);
  const posted = await post(transaction, { operation: "return", reference, entries }, at);
  if (!posted.ok) return refuse("insufficient-reserves");
  await setReturned(transaction, payerProvider, instruction, reason);
  await advise(transaction, payer, "return", payerProvider, instruction);
  return done(answerOf(payerProvider, instruction, { ...payment, state: "returned", reason }));
}
