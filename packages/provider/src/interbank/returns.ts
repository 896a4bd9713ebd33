import {
  err,
  fromHex,
  interbankAnswer,
  ok,
  paymentReturn,
  refusal,
  toHex,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import { done, fromDatabase, transact } from "@bezant/service";
import type { Core } from "../core/core.ts";
import { counterOf } from "../core/counter.ts";
import { ask, hear, say } from "../settlement/speak.ts";
import { readRefused, setAdviceReturned, type Refused } from "./store.ts";

const PAGE = 100;

/** Gives back what nobody here can have; the central bank moves each once, however often it is told. */
export async function returnPayments(core: Core): Promise<Result<number, Refusal>> {
  for (let returned = 0; ;) {
    const found = await readRefused(core.db, PAGE);
    if (!found.ok) return err(fromDatabase(found.error));
    if (found.value.rows.length === 0) return ok(returned);
    for (const one of found.value.rows) {
      const given = await returnPayment(core, one);
      if (!given.ok) return given;
      returned += 1;
    }
  }
}

async function returnPayment(core: Core, one: Refused): Promise<Result<void, Refusal>> {
  const { provider: payerProvider, amount, reason } = one;
  const instruction = fromHex(one.instruction);
  const content = { n: counterOf(one.number), payerProvider, instruction, amount, reason };
  const answer = await ask(core, "returns", await say(core, paymentReturn, content));
  if (!answer.ok) return answer;
  const heard = await hear(core, interbankAnswer, answer.value);
  if (!heard.ok) return heard;
  const said = heard.value.payload;
  const isAbout =
    said.payerProvider === payerProvider && toHex(said.instruction) === one.instruction;
  if (said.kind !== "returned" || !isAbout) {
    return err(refusal("wrong-audience", "not the answer to this return"));
  }
  return transact(core.db, async (transaction) => {
    await setAdviceReturned(transaction, one.number);
    return done(undefined);
  });
}
