import {
  certificateDigest,
  checkSignature,
  doubtsAbout,
  err,
  keyIdOf,
  ok,
  providerVerify,
  refusal,
  runChecksAsync,
  betweenInstitutions,
  type FromProvider,
  type Message,
  type Parsed,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import { checkPeer } from "@bezant/service";
import { findReported } from "../query/reported.ts";
import type { Core } from "./core.ts";

/** Reads a message that only a provider under the root may sign. */
export async function fromProvider<P>(
  core: Core,
  message: Message<P>,
  body: Uint8Array,
): Promise<Result<FromProvider<P>, Refusal>> {
  const { identity, trust, clock, verifier, from } = core;
  const { id: audience } = identity;
  const pending = providerVerify(message, body, { trust, audience, now: clock.now() });
  const verified = pending.ok ? await runChecksAsync(pending.value, verifier) : pending;
  const heard = verified.ok ? await unlessDoubted(core, verified.value) : verified;
  if (!heard.ok) return heard;
  const refused = checkPeer(from, { role: "provider", id: heard.value.provider });
  return refused === undefined ? heard : err(refused);
}

/**
 * Whoever has the stolen key of an intermediary can certify a provider as of any day: of such a key counts only what a provider
 * reported under before it was revoked (§16.3.5).
 */
async function unlessDoubted<P>(
  core: Core,
  heard: FromProvider<P>,
): Promise<Result<FromProvider<P>, Refusal>> {
  for (const { provider, certificate, until } of doubtsAbout(
    heard.chain,
    undefined,
    core.trust.revoked,
  )) {
    const asked = [provider, certificateDigest(certificate)] as const;
    const found = await findReported(core, "certificate", [asked]);
    if (!found.ok) return found;
    const at = found.value[0]?.in?.at;
    if (at === undefined || at > until) return err(refusal("issuer-revoked", "never reported"));
  }
  return ok(heard);
}

/** Reads a message that only one of the operator's keys may sign. */
export async function fromOperator<P>(
  { identity, operators, verifier, from }: Core,
  message: Message<P>,
  body: Uint8Array,
): Promise<Result<Parsed<P>, Refusal>> {
  const parsed = message.parse(body);
  if (!parsed.ok) return parsed;
  const key = operators.find((one) => keyIdOf(one) === parsed.value.kid);
  if (key === undefined) return err(refusal("unknown-issuer", "no key of an operator"));
  const { id, currency } = identity;
  const context = betweenInstitutions({ currency, signer: id, audience: id });
  const check = message.signatureCheck(parsed.value, context, key.compressed);
  const good = checkSignature(check.signature) === undefined && (await verifier.verify(check));
  if (!good) return err(refusal("bad-signature"));
  const refused = checkPeer(from, { role: "central-bank", id });
  return refused === undefined ? ok(parsed.value) : err(refused);
}
