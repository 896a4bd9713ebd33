import {
  err,
  ok,
  outcome,
  outcomeVerify,
  parseCertificate,
  refusal,
  taIdOf,
  walletIdOf,
  type Outcome,
  type Parsed,
  type Result,
  type TaId,
  type Verdict,
  type VerifiedOutcome,
  type Counter,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { forTa } from "../core/envelope.ts";
import { needRegistration, needTa } from "../core/identity.ts";
import { begin, end, unfinished } from "../core/journal.ts";
import { isUnsettled } from "../core/stop.ts";
import { pending, walletRefusal, type WalletRefusal } from "../refusals.ts";
import { put, remove } from "../store/records.ts";
import type { Change } from "../store/store.ts";
import { upload } from "../sync/uploads.ts";
import {
  AWAITED,
  contentOf,
  ORDER,
  ordersOf,
  OUTGOING,
  parsePaymentKey,
  paymentKey,
  type OutgoingRecord,
} from "./records.ts";

export type Settled = {
  readonly ta: TaId;
  readonly j: Counter;
  /** `received`: the payee's wallet has it; `refund-due`: it comes back with `refund`. */
  readonly verdict: Verdict;
};

/** Takes a signed outcome of a payment that this wallet has made, keeps it, and lets the TA forget the payment. */
export async function settle(
  core: Core,
  message: Uint8Array,
): Promise<Result<Settled, WalletRefusal>> {
  return core.exclusive("pay", () => settleInTurn(core, message));
}

/** Whoever calls has the turn `pay`. */
async function settleInTurn(
  core: Core,
  message: Uint8Array,
): Promise<Result<Settled, WalletRefusal>> {
  const parsed = outcome.parse(message);
  if (!parsed.ok) return parsed;
  const keys = await candidates(core, parsed.value);
  if (!keys.ok) return keys;
  const verified = await verifyAbout(core, keys.value, message);
  if (!verified.ok) return verified;
  const [first] = verified.value;
  const said = { ...parsePaymentKey(first.key), verdict: first.verdict };
  const news = verified.value.filter((about) => !isKnown(about));
  if (news.some(hasEnded)) return err(walletRefusal("outcome-conflict"));
  await core.records.commit(...news.flatMap((about) => kept(core, about, message)));
  for (const { key, verdict } of news) {
    if (verdict === "received") continue;
    const told = await tellTa(core, key);
    if (!told.ok && told.error.pending !== true) return told;
  }
  return ok(said);
}

/** The payment has ended, as this outcome says or otherwise. */
function hasEnded({ record, verdict }: About): boolean {
  return record.outcome !== undefined && verdict !== "received";
}

function isKnown(about: About): boolean {
  const before = about.record.state === "settled" ? "settled" : "refund-due";
  return hasEnded(about) && before === about.verdict;
}

/** Outcomes that the TA has not been told of. It only forgets payments on them, so what it answers is no matter. */
export async function resumeSettles(core: Core): Promise<Result<void, WalletRefusal>> {
  return core.exclusive("pay", async () => {
    for (const key of await unfinished(core, "settle")) {
      const told = await tellTa(core, key);
      if (!told.ok) return told;
    }
    return ok(undefined);
  });
}

async function tellTa(core: Core, key: string): Promise<Result<void, WalletRefusal>> {
  const equipped = await needTa(core);
  if (!equipped.ok) return err(pending(equipped.error));
  const record = await core.records.get(OUTGOING, key);
  if (record?.outcome !== undefined && equipped.value.ta === parsePaymentKey(key).ta) {
    const taken = await equipped.value.device.settle({
      outcome: forTa(core, equipped.value, record.outcome),
    });
    if (!taken.ok && isUnsettled(taken.error)) return err(pending(taken.error));
  }
  await core.records.commit(end("settle", key));
  return ok(undefined);
}

/** The payments that the outcome may be about. */
async function candidates(
  { records }: Core,
  { payload, certificate }: Parsed<Outcome>,
): Promise<Result<readonly string[], WalletRefusal>> {
  const named = "sender" in payload ? [paymentKey(payload.sender, payload.j)] : [];
  if (payload.kind === "claimed" || payload.kind === "never-settled") return ok(named);
  if (certificate === undefined) return err(refusal("missing-certificate"));
  const payee = parseCertificate(certificate);
  if (!payee.ok) return payee;
  const { key, claims } = payee.value;
  const id = payload.kind === "received" ? walletIdOf(claims.iss, key) : taIdOf(key);
  const orders = await records.list(ORDER, ordersOf(id, payload.r));
  const paid = orders.flatMap(({ value: { ta, j } }) =>
    j === undefined ? [] : [paymentKey(ta, j)],
  );
  return ok([...new Set([...named, ...paid])]);
}

type About = {
  readonly key: string;
  readonly record: OutgoingRecord;
  readonly verdict: Verdict;
};

/**
 * The payments that it is about. A wallet that had forgotten it may have paid one request twice: the outcome that settles one payment
 * then sends back the other. What it settles comes first.
 */
async function verifyAbout(
  core: Core,
  keys: readonly string[],
  message: Uint8Array,
): Promise<Result<readonly [About, ...About[]], WalletRefusal>> {
  const registered = await needRegistration(core);
  if (!registered.ok) return registered;
  const home = registered.value.provider;
  let refused: WalletRefusal = refusal("unknown-payment");
  const found: About[] = [];
  for (const key of keys) {
    const record = await core.records.get(OUTGOING, key);
    if (record === undefined) continue;
    const subject = { payment: contentOf(record.payment), sender: parsePaymentKey(key).ta };
    const checked = outcomeVerify(message, { ...core.trust.at(core.now()), subject, home });
    const verified: Result<VerifiedOutcome, WalletRefusal> = await core.trust.verify(checked);
    if (verified.ok) found.push({ key, record, verdict: verified.value.verdict });
    else refused = verified.error;
  }
  const isDue = ({ verdict }: About): boolean => verdict === "refund-due";
  const [first, ...others] = [...found.filter((it) => !isDue(it)), ...found.filter(isDue)];
  return first === undefined ? err(refused) : ok([first, ...others]);
}

function kept(core: Core, { key, record, verdict }: About, message: Uint8Array): Change[] {
  if (verdict === "received") {
    return record.receipt === undefined
      ? [put(OUTGOING, key, { ...record, receipt: message })]
      : [];
  }
  const isDue = verdict === "refund-due";
  return [
    put(OUTGOING, key, { ...record, outcome: message, state: isDue ? "refund-due" : "settled" }),
    isDue ? put(AWAITED, key, { what: "refund" }) : remove(AWAITED, key),
    upload(message),
    begin("settle", key, core.now()),
  ];
}
