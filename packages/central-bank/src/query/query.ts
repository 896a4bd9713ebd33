import {
  allowance,
  amount,
  concatBytes,
  counter,
  err,
  netPosition,
  ok,
  paymentAdvice,
  refusal,
  settledPayment,
  settlementQuery,
  settlementStatement,
  walletIdFromBytes,
  type NetPosition,
  type ProviderId,
  type Refusal,
  type Result,
  type SettlementStatement,
} from "@bezant/protocol";
import { checkAge, fromDatabase } from "@bezant/service";
import type { Statement } from "@bezant/service/db";
import { say, type Core } from "../core/core.ts";
import { fromProvider } from "../core/hear.ts";
import { ADVICE, adviceOf, type AdviceRow } from "../payment/store.ts";
import { readStatement, sayStatement } from "../report/statement.ts";
import { wasReported } from "./reported.ts";

/** What a provider may ask. `settlementQuery` → CBOR sequence of what it asks for. */
export async function query(core: Core, body: Uint8Array): Promise<Result<Uint8Array, Refusal>> {
  const heard = await fromProvider(core, settlementQuery, body);
  if (!heard.ok) return heard;
  const { provider, payload } = heard.value;
  const refused = checkAge(core, payload.at);
  if (refused !== undefined) return err(refused);
  // Whoever the central bank knows may ask, and nobody else.
  const known = await readStatement(core, provider);
  if (!known.ok) return known;
  switch (payload.kind) {
    case "status":
      return status(core, provider);
    case "advices":
      return advices(core, provider, payload.after);
    case "position":
      return position(core, provider, payload.window);
    case "report":
      return lastReport(core, provider, known.value);
    case "payments":
      return settledPayments(core, provider, payload.after);
    case "certificate":
    case "confirmation":
      return wasReported(core, provider, payload.kind, [[payload.provider, payload.digest]]);
    case "certificates":
      return wasReported(core, provider, "certificate", payload.asked);
  }
}

const ALLOWANCE = {
  name: "read-allowance",
  text: `SELECT n, amount FROM allowances WHERE provider = $1 ORDER BY n DESC LIMIT 1`,
};

async function status(core: Core, provider: ProviderId): Promise<Result<Uint8Array, Refusal>> {
  const statement = await sayStatement(core, provider);
  if (!statement.ok) return statement;
  const read = await rows<{ n: bigint; amount: bigint }>(core, ALLOWANCE, [provider]);
  if (!read.ok) return read;
  const [last] = read.value;
  if (last === undefined) return statement;
  const payload = { n: counter(Number(last.n)), amount: amount(last.amount) };
  return ok(concatBytes(statement.value, await say(core, allowance, payload, provider)));
}

const REPORT = {
  name: "read-last-report",
  text: "SELECT message FROM reports WHERE provider = $1 AND n = $2",
};

/** The provider's own words come back to it as it signed them, for one that has lost them. */
async function lastReport(
  core: Core,
  provider: ProviderId,
  statement: SettlementStatement,
): Promise<Result<Uint8Array, Refusal>> {
  const read = await rows<{ message: Uint8Array }>(core, REPORT, [provider, statement.report]);
  if (!read.ok) return read;
  const said = await say(core, settlementStatement, statement, provider);
  return ok(concatBytes(said, ...read.value.map(({ message }) => message)));
}

const MOST_ADVICES = 256;
const ADVICES = {
  name: "read-advices",
  text: `${ADVICE} WHERE a.provider = $1 AND a.n > $2 ORDER BY a.n LIMIT $3`,
};

async function advices(
  core: Core,
  provider: ProviderId,
  after: number,
): Promise<Result<Uint8Array, Refusal>> {
  const read = await rows<AdviceRow>(core, ADVICES, [provider, after, MOST_ADVICES]);
  if (!read.ok) return read;
  const said = read.value.map((row) => say(core, paymentAdvice, adviceOf(row), provider));
  return ok(concatBytes(...(await Promise.all(said))));
}

const MOST_PAYMENTS = 256;
const PAYMENTS = {
  name: "read-settled-payments",
  text: `SELECT instruction, payer, payee_provider AS "payeeProvider", payee, amount FROM payments
    WHERE payer_provider = $1 AND instruction > $2 AND state = 'settled'
    ORDER BY instruction LIMIT $3`,
};
interface PaymentRow {
  readonly instruction: Uint8Array;
  readonly payer: Uint8Array;
  readonly payeeProvider: ProviderId;
  readonly payee: Uint8Array;
  readonly amount: bigint;
}

/** What its clients have paid to those of others, for a provider that has lost it. What came back moved nothing. */
async function settledPayments(
  core: Core,
  provider: ProviderId,
  after: Uint8Array,
): Promise<Result<Uint8Array, Refusal>> {
  const read = await rows<PaymentRow>(core, PAYMENTS, [provider, after, MOST_PAYMENTS]);
  if (!read.ok) return read;
  const said = read.value.map(({ instruction, payer, payeeProvider, payee, amount: x }) => {
    const parties = {
      payer: walletIdFromBytes(payer),
      payeeProvider,
      payee: walletIdFromBytes(payee),
    };
    const payload = { instruction: new Uint8Array(instruction), ...parties, amount: amount(x) };
    return say(core, settledPayment, payload, provider);
  });
  return ok(concatBytes(...(await Promise.all(said))));
}

const POSITION = {
  name: "read-position",
  text: `SELECT report, outward, inward, uncovered, reserves, prefund FROM positions
    WHERE settlement_window = $1 AND provider = $2`,
};
type PositionRow = Readonly<
  Record<"report" | "outward" | "inward" | "uncovered" | "reserves" | "prefund", bigint>
>;

async function position(
  core: Core,
  provider: ProviderId,
  window: NetPosition["window"],
): Promise<Result<Uint8Array, Refusal>> {
  const read = await rows<PositionRow>(core, POSITION, [window, provider]);
  if (!read.ok) return read;
  const [row] = read.value;
  if (row === undefined) return err(refusal("unknown-window"));
  const payload: NetPosition = {
    window,
    report: counter(Number(row.report)),
    outward: amount(row.outward),
    inward: amount(row.inward),
    uncovered: amount(row.uncovered),
    reserves: amount(row.reserves),
    prefund: amount(row.prefund),
  };
  return ok(await say(core, netPosition, payload, provider));
}

async function rows<R>(
  { db }: Core,
  statement: Statement,
  values: readonly unknown[],
): Promise<Result<R[], Refusal>> {
  const read = await db.query<R>(statement, values);
  return read.ok ? ok(read.value.rows) : err(fromDatabase(read.error));
}
