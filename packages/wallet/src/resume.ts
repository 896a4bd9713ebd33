import { ok, type Result } from "@bezant/protocol";
import type { Core } from "./core/core.ts";
import { unfinished, type Operation } from "./core/journal.ts";
import { resumeDeposits } from "./deposit/deposit.ts";
import { resumeOnlinePayments, watchOnlinePayments } from "./online/pay-online.ts";
import { resumePay } from "./payment/pay.ts";
import { resumeRefunds } from "./payment/refund.ts";
import { resumeSettles } from "./payment/settle.ts";
import { resumeClaims } from "./receipt/claim.ts";
import { resumeCollect } from "./receipt/collect.ts";
import { resumeDeclines } from "./receipt/decline.ts";
import type { WalletRefusal } from "./refusals.ts";
import { resumeRegister } from "./registration/register.ts";
import { resumeRegisterTa } from "./registration/register-ta.ts";
import { resumeRetire } from "./registration/retire.ts";
import { resumeCancels } from "./request/cancel.ts";
import { resumeRequests } from "./request/request-payment.ts";
import { resumeWithdrawals } from "./withdrawal/withdraw.ts";

/** How each operation goes on, in the order in which they depend on each other. */
const RESUME: Readonly<Record<Operation, (core: Core) => Promise<Result<void, WalletRefusal>>>> = {
  register: resumeRegister,
  "register-ta": resumeRegisterTa,
  // What only needs the device comes before what needs the network.
  pay: resumePay,
  receive: resumeCollect,
  request: resumeRequests,
  cancel: resumeCancels,
  settle: resumeSettles,
  deposit: resumeDeposits,
  withdraw: resumeWithdrawals,
  refund: resumeRefunds,
  claim: resumeClaims,
  decline: resumeDeclines,
  "pay-online": resumeOnlinePayments,
  retire: resumeRetire,
};

/** An operation that was begun and could not be ended yet, and why. */
export type Unfinished = { readonly operation: Operation; readonly refusal: WalletRefusal };

/**
 * Runs every operation that was interrupted to its end, or back to exactly what was before it. Those that need a device or a
 * network which is not there stay in the journal for the next time.
 *
 * @returns what is still unfinished
 */
export async function resume(core: Core): Promise<Result<readonly Unfinished[], never>> {
  const left: Unfinished[] = [];
  for (const [name, run] of Object.entries(RESUME)) {
    const operation = name as Operation;
    if ((await unfinished(core, operation)).length === 0) continue;
    const resumed = await run(core);
    if (!resumed.ok) left.push({ operation, refusal: resumed.error });
  }
  await watchOnlinePayments(core);
  return ok(left);
}
