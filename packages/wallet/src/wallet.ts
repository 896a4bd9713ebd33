import { err, ok, type Result } from "@bezant/protocol";
import { createCore, type Core } from "./core/core.ts";
import type { WalletParts } from "./core/parts.ts";
import { deposit } from "./deposit/deposit.ts";
import { payOnline } from "./online/pay-online.ts";
import { inspect } from "./payment/inspect.ts";
import { pay } from "./payment/pay.ts";
import { refund } from "./payment/refund.ts";
import { settle } from "./payment/settle.ts";
import { enterPin, setPin } from "./pin/pin.ts";
import { claim } from "./receipt/claim.ts";
import { decline } from "./receipt/decline.ts";
import { receive } from "./receipt/receive.ts";
import type { WalletRefusal } from "./refusals.ts";
import { register } from "./registration/register.ts";
import { registerTa } from "./registration/register-ta.ts";
import { reportLost } from "./registration/report-lost.ts";
import { retire } from "./registration/retire.ts";
import { cancel } from "./request/cancel.ts";
import { requestPayment } from "./request/request-payment.ts";
import { resume } from "./resume.ts";
import { meetStatus, staple } from "./status/meet.ts";
import { StoreFault } from "./store/store.ts";
import { institutionLists, learnInstitutions } from "./sync/institutions.ts";
import { sync } from "./sync/sync.ts";
import { balance } from "./view/balance.ts";
import { history } from "./view/history.ts";
import { onlineBalance, onlineHistory } from "./view/online.ts";
import { status } from "./view/status.ts";
import { withdraw } from "./withdrawal/withdraw.ts";

/** Every operation of a wallet; each is a function of a file of its own, with the wallet's parts as its first argument. */
const OPERATIONS = {
  register,
  registerTa,
  retire,
  reportLost,
  deposit,
  withdraw,
  requestPayment,
  cancel,
  inspect,
  pay,
  settle,
  refund,
  receive,
  claim,
  decline,
  payOnline,
  sync,
  learnInstitutions,
  institutionLists,
  resume,
  meetStatus,
  staple,
  setPin,
  enterPin,
  balance,
  history,
  onlineBalance,
  onlineHistory,
  status,
} as const;

type Operations = typeof OPERATIONS;
type Bound<F> = F extends (core: Core, ...input: infer A) => Promise<Result<infer T, infer E>>
  ? // What a store's failure becomes is a refusal as any other, without what some bring along.
    (...input: A) => Promise<Result<T, WalletRefusal extends E ? E : WalletRefusal>>
  : never;

/**
 * A wallet: sender, receiver, or both. Every operation answers a value; a refusal without `pending` leaves everything as it was,
 * one with `pending` is in the journal, and `resume` goes on with it. Operations may overlap; those that must not wait for
 * each other.
 */
export type Wallet = { readonly [N in keyof Operations]: Bound<Operations[N]> } & {
  /** Lets another process open the store. Whatever is under way is left to the journal. */
  readonly close: () => Promise<void>;
};

/** A wallet over its parts. What it was doing when it was last closed, `resume` finishes. */
export async function createWallet(parts: WalletParts): Promise<Result<Wallet, WalletRefusal>> {
  const core = await guarded<Core, WalletRefusal>(async () => ok(await createCore(parts)));
  if (!core.ok) return core;
  const operations = Object.entries(OPERATIONS).map(([name, operation]) => {
    const run = operation as (core: Core, ...input: unknown[]) => Promise<Result<unknown, unknown>>;
    return [name, (...input: unknown[]) => guarded(() => run(core.value, ...input))];
  });
  const close = (): Promise<void> => parts.store.close();
  return ok({ ...Object.fromEntries(operations), close } as Wallet);
}

/** A store that fails interrupts whatever runs, as a crash does; here it becomes a refusal. */
async function guarded<T, E>(
  run: () => Promise<Result<T, E>>,
): Promise<Result<T, E | WalletRefusal>> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof StoreFault)) throw error;
    return err({ code: error.code, detail: error.message, pending: true });
  }
}
