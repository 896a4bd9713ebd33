import {
  err,
  ok,
  paymentRequest,
  refusal,
  requestVerify,
  type Amount,
  type Counter,
  type PayeeClass,
  type PayeeId,
  type ProviderId,
  type Result,
  type Seconds,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { attachedCertificate } from "../core/envelope.ts";
import type { WalletRefusal } from "../refusals.ts";
import { checkPayee } from "../status/counterparty.ts";
import { paidBefore, toPaid, type Paid } from "./pay.ts";
import { AWAITED, OUTGOING, parsePaymentKey } from "./records.ts";

/** What is asked for, as the payer's own wallet has verified it. */
export type Asked = {
  readonly amount: Amount;
  readonly payee: PayeeId;
  readonly payeeClass: PayeeClass;
  /** The provider that vouches for the payee. */
  readonly provider: ProviderId;
  readonly expires?: Seconds;
  /** This very request is paid: nobody needs to be asked, `pay` gives P again. */
  readonly paid?: Paid;
  /** What this payee was paid by other requests, and has not acknowledged: it should get that before it is paid again. */
  readonly unconfirmed: readonly Paid[];
};

/** Checks a request, so that a person may be asked. */
export async function inspect(
  core: Core,
  request: Uint8Array,
): Promise<Result<Asked, WalletRefusal>> {
  const parsed = paymentRequest.parse(request);
  if (!parsed.ok) return parsed;
  const { payload } = parsed.value;
  const certificate = attachedCertificate(request);
  if (certificate === undefined) return err(refusal("missing-certificate"));
  const provider = certificate.claims.iss;
  const before = await paidBefore(core, request, payload);
  if (before?.ok === false) return before;
  if (before !== undefined) {
    const { amount, payee, payeeClass } = before.value;
    return ok({ amount, payee, payeeClass, provider, paid: before.value, unconfirmed: [] });
  }
  const verified = await core.trust.verify(requestVerify(request, core.trust.at(core.now())));
  if (!verified.ok) return verified;
  const revoked = await checkPayee(core, verified.value.payee.certificate);
  if (revoked !== undefined) return err(revoked);
  const { id: payee, role: payeeClass } = verified.value.payee;
  return ok({
    amount: payload.amount,
    payee,
    payeeClass,
    provider,
    ...(payload.expires === undefined ? {} : { expires: payload.expires }),
    unconfirmed: await unconfirmed(core, payee, payload.r),
  });
}

async function unconfirmed(
  { records }: Core,
  payee: PayeeId,
  asked: Counter,
): Promise<readonly Paid[]> {
  const found: Paid[] = [];
  for (const { key } of await records.list(AWAITED)) {
    const record = await records.get(OUTGOING, key);
    if (record?.payee !== payee || record.r === asked) continue;
    if ((record.receipt ?? record.outcome) !== undefined) continue;
    found.push({ ...toPaid(record), j: parsePaymentKey(key).j });
  }
  return found;
}
