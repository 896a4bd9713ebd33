import {
  amount,
  interbankAnswer,
  interbankPayment,
  ok,
  sha256,
  toHex,
  type InterbankAnswer,
  type ProviderId,
  type Refusal,
  type RefusalCode,
  type Result,
  type Seconds,
} from "@bezant/protocol";
import { done, refuse, transact, type Decision } from "@bezant/service";
import type { Transaction } from "@bezant/service/db";
import { say, type Core } from "../core/core.ts";
import { fromProvider } from "../core/hear.ts";
import { lockProviders, type ProviderRow } from "../core/providers.ts";
import { post, transfer } from "../ledger/index.ts";
import {
  advise,
  insertPayment,
  paymentReference,
  readPayment,
  type PaymentRecord,
  type PaymentRow,
} from "./store.ts";

/**
 * Moves a payment between the reserves of two providers, for good, or refuses it, for good: either is kept under its instruction, so
 * that one that comes late or twice never changes it. `interbankPayment` → `interbankAnswer`.
 */
export async function pay(core: Core, body: Uint8Array): Promise<Result<Uint8Array, Refusal>> {
  const heard = await fromProvider(core, interbankPayment, body);
  if (!heard.ok) return heard;
  const { provider, payload: payment, payloadBytes } = heard.value;
  const digest = sha256(payloadBytes);
  const record = { payerProvider: provider, digest, message: body, payment };
  const paid = await transact(core.db, (transaction) =>
    payIn(transaction, record, core.clock.now()),
  );
  return paid.ok ? ok(await say(core, interbankAnswer, paid.value, provider)) : paid;
}

async function payIn(
  transaction: Transaction,
  record: PaymentRecord,
  at: Seconds,
): Promise<Decision<InterbankAnswer>> {
  const { payerProvider, payment } = record;
  const { instruction, payeeProvider } = payment;
  const rows = await lockProviders(transaction, [payerProvider, payeeProvider]);
  const payer = rows.get(payerProvider);
  if (payer === undefined) return refuse("unknown-provider");
  const known = await readPayment(transaction, payerProvider, instruction);
  if (known !== undefined) {
    const isSame = known.digest === toHex(record.digest);
    return isSame ? done(answerOf(payerProvider, instruction, known)) : refuse("order-conflict");
  }
  const payee = rows.get(payeeProvider);
  const reason = refusalOf(payer, payee) ?? (await move(transaction, record, at));
  const state = reason === undefined ? "settled" : "refused";
  const outcome = { state, reason: reason ?? null } as const;
  await insertPayment(transaction, record, outcome, at);
  if (reason === undefined && payee !== undefined) {
    await advise(transaction, payee, "payment", payerProvider, instruction);
  }
  return done(answerOf(payerProvider, instruction, { ...payment, ...outcome }));
}

function refusalOf(payer: ProviderRow, payee: ProviderRow | undefined): RefusalCode | undefined {
  if (payee === undefined) return "unknown-provider";
  // Its own clients it pays itself.
  if (payee.provider === payer.provider) return "wrong-audience";
  return payer.status === "open" && payee.status === "open" ? undefined : "provider-suspended";
}

async function move(
  transaction: Transaction,
  { payerProvider, payment }: PaymentRecord,
  at: Seconds,
): Promise<RefusalCode | undefined> {
  const { instruction, payeeProvider, amount: x } = payment;
  const entries = transfer(
    { kind: "reserves", holder: payerProvider },
    { kind: "reserves", holder: payeeProvider },
    x,
  );
  const reference = paymentReference(payerProvider, instruction);
  const posted = await post(transaction, { operation: "payment", reference, entries }, at);
  return posted.ok ? undefined : "insufficient-reserves";
}

export function answerOf(
  payerProvider: ProviderId,
  instruction: Uint8Array,
  { amount: x, state, reason }: Pick<PaymentRow, "amount" | "state" | "reason">,
): InterbankAnswer {
  const common = { payerProvider, instruction, amount: amount(x) };
  if (state === "settled") return { kind: "settled", ...common };
  return { kind: state, ...common, reason: reason ?? "" };
}
