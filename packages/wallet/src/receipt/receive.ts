import {
  err,
  parseCertificate,
  payment,
  refusal,
  taIdOf,
  type Amount,
  type Counter,
  type Result,
  type TaId,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { needRegistration, needTa } from "../core/identity.ts";
import type { WalletRefusal } from "../refusals.ts";
import { TRUSTED_APP } from "../registration/records.ts";
import { collect } from "./collect.ts";
import { accept } from "./accept.ts";
import { answerForFormerTa } from "./former.ts";

export type Received = {
  readonly sender: TaId;
  /** The sender's index of this payment. */
  readonly j: Counter;
  /** Of the request that it answers. */
  readonly r: Counter;
  readonly amount: Amount;
  /** The wallet had this very payment already: nothing new has come, so nothing more is owed to the payer. */
  readonly isRepeat: boolean;
  /** `collected`: in the device. `received`: in the wallet, to be claimed; the others: how its claim ended. */
  readonly state: "collected" | "received" | "claimed" | "never-settled";
  /** The signed outcome, for the payer. */
  readonly outcome: Uint8Array;
};

export type ReceiveRefusal = WalletRefusal & {
  /** The payment's request ended otherwise: with this the payer gets its money back. */
  readonly outcome?: Uint8Array;
};

/**
 * Takes P. A payment to the TA is collected there; one to the wallet is verified (Figure 8) and kept, to be claimed. What comes
 * again is answered again. The outcome is in the store before anybody gets it.
 */
export async function receive(
  core: Core,
  message: Uint8Array,
): Promise<Result<Received, ReceiveRefusal>> {
  const parsed = payment.parse(message);
  if (!parsed.ok) return parsed;
  const { payload, certificate } = parsed.value;
  if (certificate === undefined) return err(refusal("missing-certificate"));
  const sender = parseCertificate(certificate);
  if (!sender.ok) return sender;
  const claimed = { message, payment: payload, sender: taIdOf(sender.value.key) };
  return core.exclusive("receive", async () => {
    if (payload.receiverClass === "ta") {
      const own = await core.records.get(TRUSTED_APP, "active");
      if (payload.receiver !== own?.ta) return answerForFormerTa(core, claimed);
      const equipped = await needTa(core);
      return equipped.ok ? collect(core, equipped.value, claimed) : equipped;
    }
    const registered = await needRegistration(core);
    if (!registered.ok) return registered;
    const isOwn = payload.receiver === registered.value.wallet;
    return isOwn ? accept(core, registered.value, claimed) : err(refusal("wrong-audience"));
  });
}
