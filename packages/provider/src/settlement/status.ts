import {
  allowance,
  decodeSequence,
  err,
  malformed,
  MAX_MESSAGE,
  ok,
  refusal,
  settlementQuery,
  settlementStatement,
  type Refusal,
  type Result,
  type SettlementStatement,
} from "@bezant/protocol";
import { done, transact } from "@bezant/service";
import type { Core } from "../core/core.ts";
import { grantDeposits } from "./bounds.ts";
import { ask, hear, say } from "./speak.ts";
import { keepAllowance, keepStatement } from "./words.ts";

/** Asks the central bank where this provider stands, and keeps what it has signed about that. */
export async function askStatus(core: Core): Promise<Result<SettlementStatement, Refusal>> {
  const query = await say(core, settlementQuery, { kind: "status", at: core.clock.now() });
  const answer = await ask(core, "queries", query);
  if (!answer.ok) return answer;
  const split = decodeSequence(answer.value, { maxItems: 2, maxItemSize: MAX_MESSAGE });
  if (!split.ok) return err(malformed(split.error));
  const [first, second] = split.value;
  if (first === undefined) return err(refusal("malformed", "no statement"));
  const statement = await hear(core, settlementStatement, first);
  if (!statement.ok) return statement;
  const kept = await transact(core.db, async (transaction) => {
    await keepStatement(transaction, statement.value.bytes, core.clock.now());
    return done(undefined);
  });
  if (!kept.ok) return kept;
  const allowed = second === undefined ? ok(undefined) : await takeIn(core, second);
  return allowed.ok ? ok(statement.value.payload) : allowed;
}

/** An allowance of the central bank: from now on so much may be deposited in total, ever. */
export async function takeIn(core: Core, message: Uint8Array): Promise<Result<void, Refusal>> {
  const heard = await hear(core, allowance, message);
  if (!heard.ok) return heard;
  return transact(core.db, async (transaction) => {
    const counts = await keepAllowance(transaction, heard.value.bytes, core.clock.now());
    await grantDeposits(transaction, counts.amount);
    return done(undefined);
  });
}
