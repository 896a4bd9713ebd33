import {
  allowanceRequest,
  amount,
  err,
  ok,
  refusal,
  type Refusal,
  type RefusalCode,
  type Result,
} from "@bezant/protocol";
import { fromDatabase } from "@bezant/service";
import type { Core } from "../core/core.ts";
import { ask, say } from "./speak.ts";
import { takeIn } from "./status.ts";
import { readWords } from "./words.ts";

const SHARES = {
  name: "deposit-shares",
  text: `/* all clients: the allowance is theirs together */
    SELECT coalesce(sum(granted), 0) AS granted, coalesce(sum(used), 0) AS used FROM shares
    WHERE purpose = 'deposit'`,
};

/** Where a whole step is too much: the limit of the prefunding, or what the reserves hold, is somewhere below. */
const PARTS = [1n, 2n, 4n, 8n, 16n];

/** Asks for more as soon as less than half of the step is left: for a step beyond what was deposited, or a part of one. */
export async function raiseAllowance(core: Core): Promise<Result<boolean, Refusal>> {
  const found = await core.db.query<{ granted: bigint; used: bigint }>(SHARES);
  if (!found.ok) return err(fromDatabase(found.error));
  const words = await readWords(core.db);
  if (!words.ok) return words;
  const { used = 0n } = found.value.rows[0] ?? {};
  const allowed = words.value.allowance?.amount ?? 0n;
  const step = core.policy.settlement.allowanceStep;
  if (allowed - used >= step / 2n) return ok(false);
  let refused: Result<never, Refusal> = err(refusal("allowance-limit"));
  for (const part of PARTS) {
    const wanted = used + step / part;
    if (wanted <= allowed) break;
    const request = await say(core, allowanceRequest, { amount: amount(wanted) });
    const answer = await ask(core, "allowances", request);
    if (answer.ok) {
      const taken = await takeIn(core, answer.value);
      return taken.ok ? ok(true) : taken;
    }
    refused = answer;
    if (!TOO_MUCH.includes(answer.error.code)) break;
  }
  return refused;
}

const TOO_MUCH: readonly RefusalCode[] = ["allowance-limit", "insufficient-reserves"];
