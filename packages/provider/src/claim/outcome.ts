import {
  counter,
  err,
  ok,
  outcome,
  providerToAnybody,
  type Attachments,
  type ProviderId,
  type Refusal,
  type Result,
  type WalletId,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { fromDatabase } from "@bezant/service";
import { bytea } from "../ledger/index.ts";
import type { Ending } from "./settle.ts";
import type { PaymentKey } from "./store.ts";

/**
 * Signs how a payment to a wallet of this provider ended; only after COMMIT, and as often as it is asked for. What goes with it
 * was read before: after COMMIT nothing may fail any more that would be answered by "nothing has moved".
 */
export function signOutcome(
  core: Core,
  { sender, receiver, j }: PaymentKey,
  { kind, amount }: Ending,
  attachments: Attachments,
): Promise<Uint8Array> {
  const { currency, id: provider } = core.identity;
  const payload = { kind, sender, j: counter(j), amount, receiver };
  const context = providerToAnybody({ currency, provider });
  return outcome.signAsync(payload, context, core.signer, attachments);
}

const CERTIFICATE = {
  name: "wallet-certificate",
  text: "SELECT certificate FROM clients WHERE client_id = $1",
};

/**
 * What an outcome needs beside it: for a sender of another provider the chain, and the wallet's certificate, which shows that it
 * is a client here. Of that only the key counts, so one that was renewed since does as well.
 */
export async function outcomeAttachments(
  { db, identity, walletCertificates }: Core,
  receiver: WalletId,
  /** Undefined where it is not known. */
  senderHome: ProviderId | undefined,
): Promise<Result<Attachments, Refusal>> {
  // A TA that an earlier key certified does not know this one.
  const { id, chain, earlier = [] } = identity;
  if (senderHome === id) return ok(earlier.length === 0 ? {} : { chain });
  const known = walletCertificates.get(receiver);
  if (known !== undefined) return ok({ certificate: known, chain });
  const found = await db.query<{ certificate: Buffer }>(CERTIFICATE, [bytea(receiver)]);
  if (!found.ok) return err(fromDatabase(found.error));
  const certificate = found.value.rows[0]?.certificate;
  if (certificate !== undefined) walletCertificates.set(receiver, certificate);
  return ok({ certificate, chain });
}
