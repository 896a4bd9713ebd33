import { allowance, allowanceRequest, ok, type Refusal, type Result } from "@bezant/protocol";
import { refuse, transact } from "@bezant/service";
import { say, type Core } from "../core/core.ts";
import { fromProvider } from "../core/hear.ts";
import { lockProvider } from "../core/providers.ts";
import { raise } from "./raise.ts";

/** A provider raises its own allowance, within its limit. `allowanceRequest` → `allowance`. */
export async function requestAllowance(
  core: Core,
  body: Uint8Array,
): Promise<Result<Uint8Array, Refusal>> {
  const heard = await fromProvider(core, allowanceRequest, body);
  if (!heard.ok) return heard;
  const { provider, payload } = heard.value;
  const raised = await transact(core.db, async (transaction) => {
    const row = await lockProvider(transaction, provider);
    if (row === undefined) return refuse("unknown-provider");
    return raise(transaction, row, payload.amount, core.clock.now());
  });
  return raised.ok ? ok(await say(core, allowance, raised.value, provider)) : raised;
}
