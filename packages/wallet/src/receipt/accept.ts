import {
  checkRequest,
  err,
  ok,
  outcome,
  payeeToAnybody,
  refusal,
  type Refusal,
  type Result,
  type WalletId,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { attachedCertificate } from "../core/envelope.ts";
import type { Registered } from "../core/identity.ts";
import { walletRefusal, type WalletRefusal } from "../refusals.ts";
import { endRequest, findRequest, type RequestRecord } from "../request/records.ts";
import { checkPayer } from "../status/counterparty.ts";
import { put } from "../store/records.ts";
import type { Claimed } from "./collect.ts";
import type { Received, ReceiveRefusal } from "./receive.ts";
import {
  CLAIMABLE,
  INCOMING,
  incomingKey,
  isSamePayment,
  parseIncomingKey,
  type IncomingRecord,
} from "./records.ts";
import { verifyReceived } from "./verify.ts";

/**
 * Figure 8 `PayVerify`, by a payee without secure hardware: from here on the money is the wallet's, to be claimed. A payment that
 * answers no open request, or comes when its payer's certificate has expired, is kept as well, but not taken: it is for a person
 * to claim or decline it. Whoever calls has the turn `receive`.
 */
export async function accept(
  core: Core,
  own: Registered,
  { message, payment, sender }: Claimed,
): Promise<Result<Received, ReceiveRefusal>> {
  const { receiver, receiverClass, r, j, amount } = payment;
  const key = incomingKey(sender, j, r);
  const known = await core.records.get(INCOMING, key);
  if (known !== undefined && isSamePayment(known.payment, message)) {
    const request = await findRequest(core.records, { payee: own.wallet, r });
    return (known.outcome ?? known.receipt) === undefined
      ? err(unwanted(payment, request) ?? (await whyNotTaken(core, message, amount)))
      : ok(toReceived(key, known, true));
  }
  const verified = await verifyReceived(core, message);
  const late = !verified.ok && verified.error.code === "payer-expired";
  if (!verified.ok && !late) return verified;
  const doubted = verified.ok
    ? await checkPayer(core, verified.value.senderCertificate.certificate, amount)
    : undefined;
  // As long as nothing vouches for the payer, nothing is kept: the payer gives the payment again, with a list.
  if (doubted?.code === "payer-unchecked") return err(doubted);
  if (known !== undefined) return err(refusal("payment-fork"));
  const request = await findRequest(core.records, { payee: own.wallet, r });
  const at = core.now();
  const record = { payment: message, receiver, receiverClass, r, amount, at } as const;
  const refused = unwanted(payment, request) ?? (late ? verified.error : doubted);
  if (refused !== undefined || request === undefined) {
    await core.records.commit(put(INCOMING, key, { ...record, state: "unwanted" }));
    return err(refused ?? refusal("unknown-request"));
  }
  const context = payeeToAnybody({
    currency: core.currency,
    home: own.provider,
    payee: own.wallet satisfies WalletId,
  });
  const said = { kind: "received", r, sender, j, amount } as const;
  const { certificate } = own;
  const receipt = await outcome.signAsync(said, context, core.signer, { certificate });
  const received: IncomingRecord = { ...record, state: "received", receipt };
  await core.records.commit(
    put(INCOMING, key, received),
    put(CLAIMABLE, key, {}),
    ...endRequest(request, "paid"),
  );
  return ok(toReceived(key, received, false));
}

/** A payment that was kept and not taken: its payer was revoked, or expired, then or since. */
async function whyNotTaken(
  core: Core,
  message: Uint8Array,
  amount: bigint,
): Promise<WalletRefusal> {
  const sender = attachedCertificate(message);
  const doubted = sender === undefined ? undefined : await checkPayer(core, sender, amount);
  return doubted?.code === "payer-revoked" ? doubted : walletRefusal("payer-expired");
}

/** Why a payment is not the one that the wallet waits for. */
function unwanted(
  payment: Claimed["payment"],
  request: RequestRecord | undefined,
):
  | Refusal<"unknown-request" | "request-mismatch" | "request-void" | "request-collected">
  | undefined {
  const mismatch = checkRequest(payment, request);
  if (mismatch !== undefined) return mismatch;
  if (request?.ended === undefined) return undefined;
  return refusal(request.ended === "paid" ? "request-collected" : "request-void");
}

/** What the payer is given: the outcome that ends the payment, once there is one. */
function toReceived(
  key: string,
  { state, r, amount, receipt, outcome: end }: IncomingRecord,
  isRepeat: boolean,
): Received {
  const answer = end ?? receipt;
  if (answer === undefined) throw new Error(`payment ${key} has no receipt`);
  const isEnded = state === "claimed" || state === "never-settled";
  const parts = { ...parseIncomingKey(key), r, amount, isRepeat, outcome: answer };
  return { ...parts, state: isEnded ? state : "received" };
}
