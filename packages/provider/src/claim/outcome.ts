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
 * Signs how a payment to a wallet of this provider ended; only after COMMIT, and as often as it is asked for. For a
 * sender of another provider the chain goes with it, and the wallet's certificate, which shows that it is a client here.
 */
export async function signOutcome(
  core: Core,
  key: PaymentKey,
  { kind, amount }: Ending,
  /** Undefined where it is not known. */
  senderHome: ProviderId | undefined,
): Promise<Result<Uint8Array, Refusal>> {
  const attachments = await attachmentsFor(core, key.receiver, senderHome);
  if (!attachments.ok) return attachments;
  const { currency, id: provider } = core.identity;
  const { sender, receiver } = key;
  const payload = { kind, sender, j: counter(key.j), amount, receiver };
  const context = providerToAnybody({ currency, provider });
  return ok(await outcome.signAsync(payload, context, core.signer, attachments.value));
}

const CERTIFICATE = {
  name: "wallet-certificate",
  text: "SELECT certificate FROM clients WHERE client_id = $1",
};

async function attachmentsFor(
  { db, identity }: Core,
  receiver: WalletId,
  /** Undefined where it is not known. */
  senderHome: ProviderId | undefined,
): Promise<Result<Attachments, Refusal>> {
  // A TA that an earlier key certified does not know this one.
  const { id, chain, earlier = [] } = identity;
  if (senderHome === id) return ok(earlier.length === 0 ? {} : { chain });
  const found = await db.query<{ certificate: Buffer }>(CERTIFICATE, [bytea(receiver)]);
  if (!found.ok) return err(fromDatabase(found.error));
  return ok({ certificate: found.value.rows[0]?.certificate, chain });
}
