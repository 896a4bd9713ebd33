import {
  ok,
  parseCertificate,
  paymentRequest,
  unwrap,
  type InstitutionId,
  type Result,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import type { Online } from "../core/identity.ts";
import { isUnsettled } from "../core/stop.ts";
import {
  AWAITED,
  contentOf,
  ORDER,
  orderKey,
  OUTGOING,
  parsePaymentKey,
} from "../payment/records.ts";
import { settle } from "../payment/settle.ts";
import type { WalletRefusal } from "../refusals.ts";
import { readToken } from "./token.ts";

export type Asked = {
  /** Own payments whose outcome the provider knew, or learnt from the payee's. */
  readonly settled: number;
  /** Own payments whose payee's provider could not be asked now. */
  readonly unreachable: number;
};

/** Asks for the outcomes of payments whose payees have not brought them. */
export async function askForOutcomes(
  core: Core,
  online: Online,
): Promise<Result<Asked, WalletRefusal>> {
  const away = new Set<InstitutionId | undefined>();
  let [settled, unreachable] = [0, 0];
  for (const { key, value } of await core.records.list(AWAITED)) {
    if (value.what !== "outcome") continue;
    const at = await payeesProvider(core, key);
    // One that does not answer is not waited for again and again.
    const answer = away.has(at) ? "unreachable" : await askForOutcome(core, online, key, at);
    if (typeof answer === "object") return answer;
    if (answer === "settled") settled += 1;
    if (answer !== "unreachable") continue;
    unreachable += 1;
    away.add(at);
  }
  return ok({ settled, unreachable });
}

/** The provider of whom this payment was made to, as its request said; the own one need not be asked for. */
async function payeesProvider({ records }: Core, key: string): Promise<InstitutionId | undefined> {
  const paid = await records.get(OUTGOING, key);
  if (paid === undefined) return undefined;
  const { receiver, ...content } = contentOf(paid.payment);
  const order = await records.get(ORDER, orderKey(receiver, content));
  if (order === undefined) return undefined;
  // Of a payment that another copy of the wallet has made there is no request here.
  const asked = paymentRequest.parse(order.request);
  const certificate = asked.ok ? asked.value.certificate : undefined;
  return certificate && unwrap(parseCertificate(certificate)).claims.iss;
}

type Answer = "settled" | "unknown" | "unreachable";

async function askForOutcome(
  core: Core,
  online: Online,
  key: string,
  at: InstitutionId | undefined,
): Promise<Answer | Extract<Result<never, WalletRefusal>, { ok: false }>> {
  const { ta, j } = parsePaymentKey(key);
  const token = await readToken(core, online);
  if (!token.ok) return token;
  const elsewhere = at === online.provider ? undefined : at;
  const found = await online.client.outcome(token.value, ta, j, elsewhere);
  if (!found.ok) {
    if (found.error.code === "outcome-unreachable") return "unreachable";
    return isUnsettled(found.error) ? found : "unknown";
  }
  const settled = await settle(core, found.value);
  return settled.ok ? "settled" : "unknown";
}
