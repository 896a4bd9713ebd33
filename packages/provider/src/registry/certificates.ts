import type { Seconds, TaId, WalletId } from "@bezant/protocol";
import type { Transaction } from "@bezant/service/db";
import { bytea } from "../ledger/index.ts";

const KEEP = {
  name: "keep-certificate",
  text: `INSERT INTO certificates (client_id, subject, serial, certificate, issued_at)
    VALUES ($1, $2, $3, $4, $5)`,
};

/** The record of everything issued: what was not recorded here was not issued by this provider's servers. */
export async function keepCertificate(
  transaction: Transaction,
  client: WalletId,
  subject: TaId | WalletId,
  serial: number,
  certificate: Uint8Array,
  at: Seconds,
): Promise<void> {
  await transaction.query(KEEP, [bytea(client), bytea(subject), serial, certificate, at]);
}
