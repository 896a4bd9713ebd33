import {
  err,
  ok,
  unwrap,
  withdrawal,
  type Amount,
  type Counter,
  type Result,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { forTa } from "../core/envelope.ts";
import { needProvider, needTa, type Equipped } from "../core/identity.ts";
import { begin, end, unfinished } from "../core/journal.ts";
import { pending, type WalletRefusal } from "../refusals.ts";
import { put } from "../store/records.ts";
import type { Change } from "../store/store.ts";
import { WITHDRAWAL, withdrawalKey } from "./records.ts";

export type Withdrawn = {
  readonly amount: Amount;
  /** The withdrawal's number w. */
  readonly w: Counter;
  /** False: it has left the device and is on its way to the provider; `resume` sends it. */
  readonly credited: boolean;
};

/** The entry of a withdrawal that the TA may not have been told of yet. */
const ASKED = "asked";

/**
 * Figure 6: moves x out of the device, into the online balance. The device is debited at once, also offline; the provider credits
 * each withdrawal once, in order, and the TA keeps it until the acknowledgement.
 */
export async function withdraw(
  core: Core,
  { amount }: { readonly amount: Amount },
): Promise<Result<Withdrawn, WalletRefusal>> {
  return core.exclusive("withdraw", async () => {
    const equipped = await needTa(core);
    if (!equipped.ok) return equipped;
    const adopted = await adoptInTurn(core, equipped.value);
    if (!adopted.ok) return adopted;
    await core.records.commit(begin("withdraw", ASKED, core.now()));
    const signed = await sign(core, equipped.value, amount);
    if (!signed.ok) return signed;
    const { w, changes } = keep(core, equipped.value, signed.value);
    await core.records.commit(...changes, end("withdraw", ASKED));
    const sent = await sendWithdrawals(core, equipped.value);
    return ok({ amount, w, credited: sent.ok });
  });
}

/** Withdrawals that the TA keeps and the wallet has not got: they count, and are sent with the others. */
export async function adoptWithdrawals(
  core: Core,
  equipped: Equipped,
): Promise<Result<void, WalletRefusal>> {
  return core.exclusive("withdraw", () => adoptInTurn(core, equipped));
}

export async function resumeWithdrawals(core: Core): Promise<Result<void, WalletRefusal>> {
  return core.exclusive("withdraw", async () => {
    const entries = await unfinished(core, "withdraw");
    if (entries.length === 0) return ok(undefined);
    const equipped = await needTa(core);
    if (!equipped.ok) return err(pending(equipped.error));
    if (entries.includes(ASKED)) {
      const adopted = await adoptInTurn(core, equipped.value);
      if (!adopted.ok) return err(pending(adopted.error));
    }
    return sendWithdrawals(core, equipped.value);
  });
}

/** Has the TA sign; when its outbox is full, what is in it is sent first. */
async function sign(
  core: Core,
  equipped: Equipped,
  amount: Amount,
): Promise<Result<Uint8Array, WalletRefusal>> {
  let signed = await equipped.device.withdraw({ amount });
  if (!signed.ok && signed.error.code === "outbox-full") {
    const sent = await sendWithdrawals(core, equipped);
    if (sent.ok) signed = await equipped.device.withdraw({ amount });
  }
  if (signed.ok) return signed;
  if (signed.error.code === "device-interrupted") return err(pending(signed.error));
  await core.records.commit(end("withdraw", ASKED));
  return signed;
}

/** What a TA has signed goes into the store, and from there to the provider. */
function keep(
  core: Core,
  { ta }: Equipped,
  message: Uint8Array,
): { readonly w: Counter; readonly changes: readonly Change[] } {
  const { amount, w } = unwrap(withdrawal.parse(message)).payload;
  const key = withdrawalKey(ta, w);
  const at = core.now();
  return {
    w,
    changes: [put(WITHDRAWAL, key, { amount, at, message }), begin("withdraw", key, at)],
  };
}

async function adoptInTurn(core: Core, equipped: Equipped): Promise<Result<void, WalletRefusal>> {
  const info = await equipped.device.getInfo();
  if (!info.ok) return info;
  const changes: Change[] = [];
  for (const w of info.value.unacknowledged) {
    const known = await core.records.get(WITHDRAWAL, withdrawalKey(equipped.ta, w));
    if (known !== undefined) continue;
    const message = await equipped.device.resend({ kind: "withdrawal", n: w });
    if (!message.ok) return message;
    changes.push(...keep(core, equipped, message.value).changes);
  }
  await core.records.commit(...changes, end("withdraw", ASKED));
  return ok(undefined);
}

/** Sends what is not credited yet, in the order of the TA's numbers, and gives the TA the acknowledgements. */
async function sendWithdrawals(
  core: Core,
  equipped: Equipped,
): Promise<Result<void, WalletRefusal>> {
  const keys = (await unfinished(core, "withdraw")).filter((key) => key !== ASKED);
  if (keys.length === 0) return ok(undefined);
  const online = await needProvider(core);
  if (!online.ok) return err(pending(online.error));
  for (const key of keys) {
    const record = await core.records.get(WITHDRAWAL, key);
    if (record === undefined) throw new Error(`no withdrawal ${key}`);
    const answer = await online.value.client.withdraw(record.message);
    if (!answer.ok) return err(pending(answer.error));
    const acknowledged = await acknowledge(core, equipped, key, answer.value);
    if (!acknowledged.ok) return err(pending(acknowledged.error));
    await core.records.commit(
      put(WITHDRAWAL, key, { ...record, credited: true }),
      end("withdraw", key),
    );
  }
  return ok(undefined);
}

/** A TA that has retired since has had its acknowledgement: only an older store asks for it again. */
async function acknowledge(
  core: Core,
  equipped: Equipped,
  key: string,
  message: Uint8Array,
): Promise<Result<unknown, WalletRefusal>> {
  if (!key.startsWith(`${equipped.ta}/`)) return ok(undefined);
  return equipped.device.ackWithdraw({ acknowledgement: forTa(core, equipped, message) });
}
