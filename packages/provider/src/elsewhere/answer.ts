import type { InstitutionName } from "@bezant/pki/x509";
import {
  err,
  outcomeQuery,
  providerVerify,
  refusal,
  runChecksAsync,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { outcomeFor } from "../outcome/find-outcome.ts";
import { unlessDoubted } from "../reported/refuse.ts";

/** Seconds by which the clock of another provider may differ. */
const TOLERANCE = 300;

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
  if (from !== undefined && (from.role !== "provider" || from.id !== provider)) {
    return err(
      refusal("wrong-peer", `the ${from.role} ${from.id} brings what is from ${provider}`),
    );
  }
  const believed = await unlessDoubted(core, chain);
  if (!believed.ok) return believed;
  if (Math.abs(clock.now() - payload.at) > TOLERANCE) {
    return err(refusal("unauthorised", "the query is too old, or a clock is wrong"));
  }
  return outcomeFor(core, provider, payload);
}
