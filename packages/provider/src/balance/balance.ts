import { err, ok, refusal, type Refusal, type Result, type WalletId } from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { fromDatabase } from "@bezant/service";
import { bytea, type AccountStatus } from "../ledger/index.ts";

/** What a client has with the provider, and where its TAs' sequences stand. */
export interface ClientBalance {
  readonly status: AccountStatus;
  /** OnBal. */
  readonly online: bigint;
  /** What arrived while the account was frozen or closed. */
  readonly suspense: bigint;
  readonly tas: readonly TaBalance[];
}

export interface TaBalance {
  readonly ta: string;
  readonly status: "active" | "retired";
  /** S.d: the last confirmation issued; the TA may not have applied it yet. */
  readonly d: number;
  /** S.w: the last withdrawal credited. */
  readonly w: number;
  /** Every payment up to this index is stored. */
  readonly stored: number;
  /** The ledger may be behind this TA: it has to synchronise before anything moves. */
  readonly mustSync: boolean;
}

interface Row {
  readonly status: AccountStatus;
  readonly online: bigint;
  readonly suspense: bigint;
}

interface TaRow {
  readonly ta: string;
  readonly status: "active" | "retired";
  readonly d: bigint;
  readonly w: bigint;
  readonly stored: bigint;
  readonly must_sync: boolean;
}

const ACCOUNT = {
  name: "client-balance",
  text: "SELECT status, online, suspense FROM accounts WHERE client_id = $1",
};
const TAS = {
  name: "client-tas",
  text: `SELECT encode(ta_id, 'hex') AS ta, status, d, w, stored,
      read_only_since IS NOT NULL AS must_sync
    FROM tas WHERE client_id = $1 ORDER BY registered_at, ta_id`,
};

/** Whoever calls has checked the client's token. */
export async function balance(
  { db }: Core,
  client: WalletId,
): Promise<Result<ClientBalance, Refusal>> {
  const account = await db.query<Row>(ACCOUNT, [bytea(client)]);
  if (!account.ok) return err(fromDatabase(account.error));
  const tas = await db.query<TaRow>(TAS, [bytea(client)]);
  if (!tas.ok) return err(fromDatabase(tas.error));
  const [row] = account.value.rows;
  if (row === undefined) return err(refusal("unknown-client"));
  return ok({ ...row, tas: tas.value.rows.map(toTaBalance) });
}

function toTaBalance({ must_sync: mustSync, d, w, stored, ...row }: TaRow): TaBalance {
  return { ...row, d: Number(d), w: Number(w), stored: Number(stored), mustSync };
}
