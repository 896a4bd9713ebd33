import {
  parseCertificate,
  revocationOrder,
  unwrap,
  type Refusal,
  type Result,
  type TaId,
  type WalletId,
} from "@bezant/protocol";
import { done, refuse, transact, type Decision } from "@bezant/service";
import type { Transaction } from "@bezant/service/db";
import { walletOrder } from "../core/authority.ts";
import type { Core } from "../core/core.ts";
import { lockAccount } from "../ledger/index.ts";
import { operatorVerify } from "../operator/verify.ts";
import { readTa } from "../registry/tas.ts";
import { findStatusIndex } from "./indices.ts";
import { statusOrder, type StatusOrder } from "./order.ts";
import { publishStatus } from "./publish.ts";
import { releaseClaim, releaseRefund } from "./release.ts";
import {
  insertRevocation,
  insertRevokedKey,
  newestCertificate,
  type RevocationReason,
} from "./revocations.ts";

/** What has become of an order: the epoch of the list that says so. */
export interface StatusReceipt {
  readonly kind: StatusOrder["kind"];
  readonly epoch: number;
}

/**
 * Carries out an order of the operator about revocation, and publishes a new list where it changes one. If that fails the
 * order has been carried out all the same: the same order again, or the server's own next look, publishes it.
 */
export async function carryOutStatus(
  core: Core,
  body: Uint8Array,
): Promise<Result<StatusReceipt, Refusal>> {
  const verified = await operatorVerify(core, statusOrder, body);
  if (!verified.ok) return verified;
  const order = verified.value.payload;
  const done_ = await transact(core.db, (transaction) => apply(core, transaction, order));
  if (!done_.ok) return done_;
  const published = await publishStatus(core);
  return published.ok
    ? { ok: true, value: { kind: order.kind, epoch: published.value } }
    : published;
}

/** A wallet reports one of its devices lost. */
export async function reportLost(
  core: Core,
  client: WalletId,
  body: Uint8Array,
): Promise<Result<StatusReceipt, Refusal>> {
  const order = await walletOrder(core, revocationOrder, client, body);
  if (!order.ok) return order;
  const subject = order.value.payload.ta;
  const revoked = await transact(core.db, (transaction) =>
    revoke(core, transaction, { client, subject, reason: "lost" }),
  );
  if (!revoked.ok) return revoked;
  const published = await publishStatus(core);
  return published.ok ? { ok: true, value: { kind: "revoke", epoch: published.value } } : published;
}

async function apply(
  core: Core,
  transaction: Transaction,
  order: StatusOrder,
): Promise<Decision<void>> {
  switch (order.kind) {
    case "revoke":
      return revoke(core, transaction, order);
    case "revoke-key":
      await insertRevokedKey(transaction, order, core.clock.now());
      return done(undefined);
    case "release-claim":
      return releaseClaim(core, transaction, order);
    case "release-refund":
      return releaseRefund(core, transaction, order);
  }
}

async function revoke(
  core: Core,
  transaction: Transaction,
  holder: {
    readonly client: WalletId;
    readonly subject: string;
    readonly reason: RevocationReason;
  },
): Promise<Decision<void>> {
  const { client, reason } = holder;
  // A wallet and its TAs have ids of the same form, and never the same one.
  const subject = holder.subject as TaId;
  const account = await lockAccount(transaction, client);
  if (account === undefined) return refuse("unknown-client");
  const isWallet = holder.subject === client;
  const ta = isWallet ? undefined : await readTa(transaction, client, subject);
  if (!isWallet && ta === undefined) return refuse("unknown-trusted-app");
  const certificate = await newestCertificate(transaction, client, subject);
  if (certificate === undefined) throw new Error("a holder without a certificate");
  await insertRevocation(transaction, {
    client,
    subject,
    index: await findStatusIndex(transaction, client, subject),
    reason,
    stored: ta?.stored ?? 0,
    expires: unwrap(parseCertificate(certificate)).claims.exp,
    at: core.clock.now(),
  });
  return done(undefined);
}
