import {
  err,
  ok,
  parseCertificate,
  payment,
  refusal,
  unwrap,
  type Amount,
  type PayeeClass,
  type PayeeId,
  type ProviderId,
  type Refusal,
  type Result,
  type TaId,
  type WalletId,
} from "@bezant/protocol";
import { outcomeAttachments, signOutcome } from "../claim/outcome.ts";
import type { Core } from "../core/core.ts";
import { askElsewhere, type Asked } from "../elsewhere/ask.ts";
import { fromDatabase } from "@bezant/service";
import { bytea } from "../ledger/index.ts";
import type { Rows, Unavailable } from "@bezant/service/db";

/**
 * The signed outcome of payment (sender, index), for its payee or its payer: nobody can deny it to the other (protocol
 * document §9). Whoever calls has checked the client's token.
 * @param elsewhere the payee's provider, as the payer says: it is asked where nothing is known here
 */
export async function findOutcome(
  core: Core,
  client: WalletId,
  sender: TaId,
  j: number,
  elsewhere?: ProviderId,
): Promise<Result<Uint8Array, Refusal>> {
  const received = await claimedBy(core, client, sender, j);
  if (received !== undefined) return received;
  const paid = await findPaid(core, client, sender, j);
  if (!paid.ok) return paid;
  if (paid.value === undefined) return err(refusal("unknown-outcome"));
  const { receiver } = paid.value;
  const here = await paidHere(core, client, sender, j, paid.value);
  const isHere = here.ok || here.error.code !== "unknown-outcome";
  if (isHere || elsewhere === undefined || elsewhere === core.identity.id) return here;
  return askElsewhere(core, elsewhere, { sender, j, receiver });
}

async function paidHere(
  core: Core,
  client: WalletId,
  sender: TaId,
  j: number,
  { receiver, receiverClass }: Paid,
): Promise<Result<Uint8Array, Refusal>> {
  if (receiverClass === "wallet") {
    const settled = await claimedBy(core, receiver as WalletId, sender, j);
    return settled ?? err(refusal("unknown-outcome"));
  }
  return collectedBy(core, receiver as TaId, client, sender, j);
}

/** The signed outcome of a payment to a client of this provider, for the provider of whoever paid. */
export async function outcomeFor(
  core: Core,
  payerProvider: ProviderId,
  { sender, j, receiver }: Asked,
): Promise<Result<Uint8Array, Refusal>> {
  // Wallets and TAs have ids of the same form, and never the same one.
  const claimed = await claimedBy(core, receiver as WalletId, sender, j, payerProvider);
  if (claimed !== undefined) return claimed;
  const owner = await ownerOf(core, receiver as TaId);
  if (!owner.ok) return owner;
  if (owner.value === undefined) return err(refusal("unknown-outcome"));
  return collectedBy(core, receiver as TaId, owner.value, sender, j);
}

const CLAIM = {
  name: "outcome-of-claim",
  text: `SELECT status, amount, payment FROM claims WHERE client_id = $1 AND sender = $2 AND j = $3`,
};

/** The outcome of a payment to a wallet; undefined: it has neither been claimed nor declined, or is of another payer's. */
async function claimedBy(
  core: Core,
  receiver: WalletId,
  sender: TaId,
  j: number,
  payerProvider?: ProviderId,
): Promise<Result<Uint8Array, Refusal> | undefined> {
  type Row = {
    readonly status: "claimed" | "never-settled";
    readonly amount: Amount;
    readonly payment: Buffer | null;
  };
  const found = await core.db.query<Row>(CLAIM, [bytea(receiver), bytea(sender), j]);
  const rows = rowsOf(found);
  if (!rows.ok) return rows;
  const [row] = rows.value;
  if (row === undefined) return undefined;
  const home = homeOf(row.payment);
  const isAnothers = payerProvider !== undefined && home !== undefined && home !== payerProvider;
  if (isAnothers) return undefined;
  const ending = { kind: row.status, amount: row.amount };
  const attachments = await outcomeAttachments(core, receiver, home);
  if (!attachments.ok) return attachments;
  return ok(await signOutcome(core, { receiver, sender, j }, ending, attachments.value));
}

/** The provider that certified the sender of a payment that was verified when it was stored. */
function homeOf(bytes: Uint8Array | null): ProviderId | undefined {
  if (bytes === null) return undefined;
  const { certificate } = unwrap(payment.parse(bytes));
  return certificate && unwrap(parseCertificate(certificate)).claims.iss;
}

const PAID = {
  name: "paid",
  text: `SELECT encode(receiver, 'hex') AS receiver, receiver_class AS "receiverClass"
    FROM synced_payments WHERE client_id = $1 AND ta_id = $2 AND j = $3`,
};

interface Paid {
  readonly receiver: PayeeId;
  readonly receiverClass: PayeeClass;
}

async function findPaid(
  { db }: Core,
  client: WalletId,
  sender: TaId,
  j: number,
): Promise<Result<Paid | undefined, Refusal>> {
  const rows = rowsOf(await db.query<Paid>(PAID, [bytea(client), bytea(sender), j]));
  return rows.ok ? ok(rows.value[0]) : rows;
}

const COLLECTED = {
  name: "outcome-of-collection",
  text: `SELECT message FROM outcomes
    WHERE client_id = $1 AND signer = $2 AND sender = $3 AND j = $4 AND kind = 'collected' LIMIT 1`,
};

/** The payee TA's own receipt, as its wallet, or the payer's, has brought it. */
async function collectedBy(
  core: Core,
  payee: TaId,
  payer: WalletId,
  sender: TaId,
  j: number,
): Promise<Result<Uint8Array, Refusal>> {
  const owner = await ownerOf(core, payee);
  if (!owner.ok) return owner;
  for (const client of new Set([payer, owner.value ?? payer])) {
    const values = [bytea(client), bytea(payee), bytea(sender), j];
    const rows = rowsOf(await core.db.query<{ message: Buffer }>(COLLECTED, values));
    if (!rows.ok) return rows;
    const [row] = rows.value;
    if (row !== undefined) return ok(row.message);
  }
  return err(refusal("unknown-outcome"));
}

const OWNER = {
  name: "payee-of",
  text: "SELECT encode(client_id, 'hex') AS client FROM ta_directory WHERE ta_id = $1",
};

/** Whose TA this is, if it is one of this provider's. */
async function ownerOf({ db }: Core, ta: TaId): Promise<Result<WalletId | undefined, Refusal>> {
  const rows = rowsOf(await db.query<{ client: WalletId }>(OWNER, [bytea(ta)]));
  return rows.ok ? ok(rows.value[0]?.client) : rows;
}

function rowsOf<R>(found: Result<Rows<R>, Unavailable>): Result<readonly R[], Refusal> {
  return found.ok ? ok(found.value.rows) : err(fromDatabase(found.error));
}
