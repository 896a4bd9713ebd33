import {
  err,
  interbankPayment,
  INWARD,
  ok,
  OUTWARD,
  reserveOrder,
  settlementReport,
  toHex,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import { fromDatabase } from "@bezant/service";
import type { Database } from "@bezant/service/db";
import { sum } from "../report/read.ts";

/** A row that does not say what the signed message that it keeps says. */
export interface Mismatch {
  /** Such as `order 3f…`. */
  readonly row: string;
  readonly provider: string;
  /** What the row says less what the message says. */
  readonly off: bigint;
}

const MOST = 1000;
const ORDERS = `SELECT encode(order_id, 'hex') AS key, provider, message, amount AS outward, 0 AS inward
  FROM orders WHERE kind IN ('issue', 'redeem') AND encode(order_id, 'hex') > $1
  ORDER BY 1 LIMIT $2`;
const REPORTS = `SELECT provider || '/' || lpad(n::text, 10, '0') AS key, provider, message, outward, inward FROM reports
  WHERE provider || '/' || lpad(n::text, 10, '0') > $1 ORDER BY 1 LIMIT $2`;
const PAYMENTS = `SELECT payer_provider || '/' || encode(instruction, 'hex') AS key,
    payer_provider AS provider, message, amount AS outward, 0 AS inward FROM payments
  WHERE payer_provider || '/' || encode(instruction, 'hex') > $1 ORDER BY 1 LIMIT $2`;

interface Row {
  readonly key: string;
  readonly provider: string;
  readonly message: Uint8Array;
  readonly outward: bigint;
  readonly inward: bigint;
}

/** What the message says, as the row's two amounts and the row's key; undefined where it cannot be read. */
type Read = (
  row: Row,
) => { readonly key: string; readonly amounts: readonly [bigint, bigint] } | undefined;

const SOURCES: readonly (readonly [what: string, statement: string, read: Read])[] = [
  [
    "order",
    ORDERS,
    ({ message }) => {
      const parsed = reserveOrder.parse(message);
      if (!parsed.ok) return undefined;
      const { payload } = parsed.value;
      const amount = payload.kind === "issue" || payload.kind === "redeem" ? payload.amount : 0n;
      return { key: toHex(payload.orderId), amounts: [amount, 0n] };
    },
  ],
  [
    "report",
    REPORTS,
    ({ message, provider }) => {
      const parsed = settlementReport.parse(message);
      if (!parsed.ok) return undefined;
      const { n, flows } = parsed.value.payload;
      const key = `${provider}/${String(n).padStart(10, "0")}`;
      return { key, amounts: [sum(flows, OUTWARD), sum(flows, INWARD)] };
    },
  ],
  [
    "payment",
    PAYMENTS,
    ({ message, provider }) => {
      const parsed = interbankPayment.parse(message);
      if (!parsed.ok) return undefined;
      const { instruction, amount } = parsed.value.payload;
      return { key: `${provider}/${toHex(instruction)}`, amounts: [amount, 0n] };
    },
  ],
];

/** Rows that were changed behind the back of the message that they keep. */
export async function checkMessages(
  db: Pick<Database, "query">,
): Promise<Result<Mismatch[], Refusal>> {
  const found: Mismatch[] = [];
  for (const [what, statement, read] of SOURCES) {
    for (let after = ""; ;) {
      const page = await db.query<Row>(statement, [after, MOST]);
      if (!page.ok) return err(fromDatabase(page.error));
      const { rows } = page.value;
      for (const row of rows) {
        const said = read(row);
        const [outward, inward] = said?.key === row.key ? said.amounts : [0n, 0n];
        const offs = [row.outward - outward, BigInt(row.inward) - inward];
        for (const off of offs) {
          if (off !== 0n) found.push({ row: `${what} ${row.key}`, provider: row.provider, off });
        }
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length < MOST) break;
      after = last.key;
    }
  }
  return ok(found);
}
