import {
  depositReservation,
  err,
  ok,
  unwrap,
  type Amount,
  type DepositConfirmation,
  type Result,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { needTaAndProvider, type Ready } from "../core/identity.ts";
import { begin, end, unfinished } from "../core/journal.ts";
import { nextNumber, padded } from "../core/sequence.ts";
import { stop } from "../core/stop.ts";
import { pending, walletRefusal, type WalletRefusal } from "../refusals.ts";
import { put, remove } from "../store/records.ts";
import { applyConfirmations, requestConfirmations } from "./confirmations.ts";
import { DEPOSIT, type DepositRecord } from "./records.ts";

export type Deposited = { readonly amount: Amount };

/**
 * Figure 5: moves x from the online balance into the device. The TA reserves room and numbers the deposit, the provider
 * confirms that number, the TA takes the confirmation. An earlier deposit that was interrupted is finished first.
 */
export async function deposit(
  core: Core,
  { amount }: { readonly amount: Amount },
): Promise<Result<Deposited, WalletRefusal>> {
  return core.exclusive("deposit", async () => {
    const ready = await needTaAndProvider(core);
    if (!ready.ok) return ready;
    const finished = await finishDeposits(core, ready.value);
    if (!finished.ok) return finished;
    const { number, change } = await nextNumber(core, "deposit");
    const subject = padded(number);
    const at = core.now();
    const record: DepositRecord = { amount, at, ta: ready.value.ta };
    await core.records.commit(change, put(DEPOSIT, subject, record), begin("deposit", subject, at));
    return execute(core, ready.value, subject, record);
  });
}

export async function resumeDeposits(core: Core): Promise<Result<void, WalletRefusal>> {
  return core.exclusive("deposit", async () => {
    if ((await unfinished(core, "deposit")).length === 0) return ok(undefined);
    const ready = await needTaAndProvider(core);
    return ready.ok ? finishDeposits(core, ready.value) : err(pending(ready.error));
  });
}

/** Finishes what deposits have left. Whoever calls has the turn `deposit`. */
export async function finishDeposits(
  core: Core,
  ready: Ready,
): Promise<Result<void, WalletRefusal>> {
  for (const subject of await unfinished(core, "deposit")) {
    const record = await core.records.get(DEPOSIT, subject);
    // Without a reservation the provider knows nothing of it: at most the TA has reserved room, which the next deposit uses. And what
    // was confirmed to a TA that has retired since came back with its last word.
    if (record?.reservation === undefined || record.ta !== ready.ta) {
      await core.records.commit(...undo(subject));
      continue;
    }
    const done = await execute(core, ready, subject, record);
    if (!done.ok && done.error.pending === true) return done;
  }
  return ok(undefined);
}

/** Earlier confirmations may come first, some rounds long. */
const ROUNDS = 8;

async function execute(
  core: Core,
  ready: Ready,
  subject: string,
  begun: DepositRecord,
): Promise<Result<Deposited, WalletRefusal>> {
  let { reservation } = begun;
  const { amount } = begun;
  for (let round = 0; round < ROUNDS; round++) {
    if (reservation === undefined) {
      const reserved = await ready.device.reserveDeposit({ amount });
      if (!reserved.ok) {
        // A reservation moves nothing, so this ends here even where its answer was lost.
        await core.records.commit(...undo(subject));
        return reserved;
      }
      reservation = reserved.value;
      await core.records.commit(put(DEPOSIT, subject, { ...begun, reservation }));
    }
    const confirmations = await requestConfirmations(core, ready.online, reservation);
    if (!confirmations.ok) return stop(core, confirmations.error, ...undo(subject));
    const applied = await applyConfirmations(core, ready, confirmations.value);
    if (!applied.ok) return err(pending(applied.error));
    if (isDone(applied.value, reservation, amount)) {
      const done = put(DEPOSIT, subject, { ...begun, reservation, done: true });
      await core.records.commit(done, end("deposit", subject));
      return ok({ amount });
    }
    // The number was an earlier confirmation's, which the TA now has: the deposit takes the next one.
    reservation = undefined;
  }
  return err(pending(walletRefusal("provider-unreadable", "other confirmations, again and again")));
}

/** Whether the confirmation with the reservation's number is this deposit's. */
function isDone(
  applied: readonly DepositConfirmation[],
  reservation: Uint8Array,
  amount: Amount,
): boolean {
  const { d } = unwrap(depositReservation.parse(reservation)).payload;
  return applied.some((one) => one.d === d && one.kind === "deposit" && one.amount === amount);
}

function undo(subject: string) {
  return [remove(DEPOSIT, subject), end("deposit", subject)];
}
