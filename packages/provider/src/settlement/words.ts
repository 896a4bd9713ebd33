import {
  allowance,
  err,
  ok,
  settlementStatement,
  unwrap,
  type Allowance,
  type Message,
  type Refusal,
  type Result,
  type Seconds,
  type SettlementStatement,
} from "@bezant/protocol";
import { fromDatabase } from "@bezant/service";
import type { Database, Transaction } from "@bezant/service/db";

const KEEP = {
  name: "keep-word",
  text: `INSERT INTO central_bank_words (kind, message, heard_at) VALUES ($1, $2, $3)
    ON CONFLICT (kind) DO UPDATE SET message = $2, heard_at = $3`,
};
const LOCK = {
  name: "lock-word",
  text: "SELECT message FROM central_bank_words WHERE kind = $1 FOR NO KEY UPDATE",
};
const READ = {
  name: "read-words",
  text: "SELECT kind, message FROM central_bank_words",
};

/** What the central bank has said last; undefined: nothing yet. */
export interface Words {
  readonly statement: SettlementStatement | undefined;
  readonly allowance: Allowance | undefined;
}

export async function readWords(db: Database): Promise<Result<Words, Refusal>> {
  const found = await db.query<{ kind: keyof Words; message: Uint8Array }>(READ);
  if (!found.ok) return err(fromDatabase(found.error));
  const read = <P>(kind: keyof Words, message: Message<P>): P | undefined => {
    const row = found.value.rows.find((one) => one.kind === kind);
    return row === undefined ? undefined : unwrap(message.parse(row.message)).payload;
  };
  return ok({
    statement: read("statement", settlementStatement),
    allowance: read("allowance", allowance),
  });
}

export async function keepStatement(
  transaction: Transaction,
  message: Uint8Array,
  at: Seconds,
): Promise<void> {
  await transaction.query(KEEP, ["statement", message, at]);
}

/**
 * Keeps an allowance, if it is the highest-numbered one.
 * @returns the one that counts, which is locked until the transaction ends
 */
export async function keepAllowance(
  transaction: Transaction,
  message: Uint8Array,
  at: Seconds,
): Promise<Allowance> {
  const { payload } = unwrap(allowance.parse(message));
  const { rows } = await transaction.query<{ message: Uint8Array }>(LOCK, ["allowance"]);
  const known =
    rows[0] === undefined ? undefined : unwrap(allowance.parse(rows[0].message)).payload;
  if (known !== undefined && known.n >= payload.n) return known;
  await transaction.query(KEEP, ["allowance", message, at]);
  return payload;
}
