import type { InstitutionName } from "@bezant/pki/x509";
import {
  err,
  outcomeQuery,
  providerVerify,
  runChecksAsync,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import { checkAge, checkPeer } from "@bezant/service";
import type { Core } from "../core/core.ts";
import { outcomeFor } from "../outcome/find-outcome.ts";
import { unlessDoubted } from "../reported/refuse.ts";

/**
 * Tells the provider of a payer how a payment to one of the own clients has ended. Whoever knows its sender, index and receiver has
 * the payment; where the payment itself is here, it has to be of the asking provider's client.
 * @param from who has proved to be bringing the query, over mutual TLS
 */
export async function answerOutcome(
  core: Core,
  body: Uint8Array,
  from: InstitutionName | undefined,
): Promise<Result<Uint8Array, Refusal>> {
  const { trust, clock, verifier, identity } = core;
  const trusted = { trust, audience: identity.id, now: clock.now() };
  const pending = providerVerify(outcomeQuery, body, trusted);
  if (!pending.ok) return pending;
  const heard = await runChecksAsync(pending.value, verifier);
  if (!heard.ok) return heard;
  const { provider, payload, chain } = heard.value;
  const stranger = checkPeer(from, { role: "provider", id: provider });
  if (stranger !== undefined) return err(stranger);
  const believed = await unlessDoubted(core, chain);
  if (!believed.ok) return believed;
  const stale = checkAge(core, payload.at);
  if (stale !== undefined) return err(stale);
  return outcomeFor(core, provider, payload);
}
