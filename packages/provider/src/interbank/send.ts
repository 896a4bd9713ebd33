import {
  err,
  fromHex,
  interbankAnswer,
  interbankPayment,
  ok,
  refusal,
  toHex,
  type InterbankAnswer,
  type Refusal,
  type RefusalCode,
  type Result,
} from "@bezant/protocol";
import { done, fromDatabase, transact } from "@bezant/service";
import type { Core } from "../core/core.ts";
import { ask, hear, say } from "../settlement/speak.ts";
import { giveBack, settleOrder, type Ended } from "./give-back.ts";
import { readPending, type Outgoing } from "./orders.ts";

/** Payments that are read from the outbox at a time. */
const PAGE = 100;

export interface Sent {
  readonly settled: number;
  readonly returned: number;
}

/** Sends every payment that the central bank has not answered yet; the same again is the same payment to it. */
export async function sendPayments(core: Core): Promise<Result<Sent, Refusal>> {
  let sent: Sent = { settled: 0, returned: 0 };
  let failure: Refusal | undefined;
  let after: Outgoing | undefined;
  for (;;) {
    const found = await readPending(core.db, after, PAGE);
    if (!found.ok) return err(fromDatabase(found.error));
    for (const one of found.value.rows) {
      const ended = await sendPayment(core, one);
      if (ended.ok) sent = count(sent, ended.value);
      else if (STOP.includes(ended.error.code)) return ended;
      else failure ??= ended.error;
    }
    after = found.value.rows.at(-1);
    if (after === undefined) return failure === undefined ? ok(sent) : err(failure);
  }
}

/** It is the same for every other payment. */
const STOP: readonly RefusalCode[] = ["settlement-unreachable", "unavailable", "commit-unknown"];

function count({ settled, returned }: Sent, ended: Ended): Sent {
  if (ended === "settled") return { settled: settled + 1, returned };
  return ended === "returned" ? { settled, returned: returned + 1 } : { settled, returned };
}

/** Only a signed answer disposes of the payment; with anything else it stays in the outbox. */
export async function sendPayment(core: Core, one: Outgoing): Promise<Result<Ended, Refusal>> {
  const { payer, payee, provider: payeeProvider, amount } = one;
  const instruction = fromHex(one.instruction);
  const content = { instruction, payer, payeeProvider, payee, amount };
  const answer = await ask(core, "payments", await say(core, interbankPayment, content));
  if (!answer.ok) return answer;
  const heard = await hear(core, interbankAnswer, answer.value);
  if (!heard.ok) return heard;
  const said = heard.value.payload;
  if (!isAbout(core, said, one)) return err(refusal("wrong-audience", "another payment's answer"));
  return transact(core.db, async (transaction) =>
    done(
      said.kind === "settled"
        ? await settleOrder(transaction, payer, one.instruction)
        : await giveBack(core, transaction, payer, one.instruction, said.reason),
    ),
  );
}

function isAbout({ identity }: Core, said: InterbankAnswer, one: Outgoing): boolean {
  const isOurs = said.payerProvider === identity.id && toHex(said.instruction) === one.instruction;
  return isOurs && said.amount === one.amount;
}
