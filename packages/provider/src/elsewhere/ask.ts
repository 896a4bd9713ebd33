import {
  counter,
  err,
  ok,
  outcome,
  outcomeQuery,
  betweenInstitutions,
  refusal,
  type PayeeId,
  type ProviderId,
  type Refusal,
  type Result,
  type TaId,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { findProvider } from "../directory/find.ts";

export interface Asked {
  readonly sender: TaId;
  readonly j: number;
  readonly receiver: PayeeId;
}

/**
 * Asks the payee's provider how a payment of an own client has ended. Its signed answer goes to the wallet as it is: the wallet and its TA
 * verify whose it is and what it is about.
 */
export async function askElsewhere(
  core: Core,
  at: ProviderId,
  { sender, j, receiver }: Asked,
): Promise<Result<Uint8Array, Refusal>> {
  const { identity, signer, clock, otherProviders = [] } = core;
  // What the operator has configured comes first.
  const other = otherProviders.find(({ id }) => id === at) ?? (await findProvider(core, at));
  if (other === undefined) return err(refusal("outcome-unreachable", `no way to ${at} is known`));
  const { currency, id: provider, chain } = identity;
  const context = betweenInstitutions({ currency, signer: provider, audience: at });
  const payload = { at: clock.now(), sender, j: counter(j), receiver };
  const query = await outcomeQuery.signAsync(payload, context, signer, { chain });
  const answer = await other.askOutcome(query);
  if (!answer.ok) return answer;
  const parsed = outcome.parse(answer.value);
  return parsed.ok ? ok(answer.value) : err(refusal("outcome-unreachable", "no outcome"));
}
