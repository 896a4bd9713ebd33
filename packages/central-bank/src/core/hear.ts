import {
  checkSignature,
  err,
  keyIdOf,
  ok,
  providerVerify,
  refusal,
  runChecksAsync,
  toCentralBank,
  type FromProvider,
  type Message,
  type Parsed,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import type { InstitutionName } from "@bezant/pki/x509";
import type { Core } from "./core.ts";

/** Reads a message that only a provider under the root may sign. */
export async function fromProvider<P>(
  { identity, trust, clock, verifier, from }: Core,
  message: Message<P>,
  body: Uint8Array,
): Promise<Result<FromProvider<P>, Refusal>> {
  const { id: centralBank } = identity;
  const pending = providerVerify(message, body, { trust, centralBank, now: clock.now() });
  const heard = pending.ok ? await runChecksAsync(pending.value, verifier) : pending;
  if (!heard.ok || from === undefined) return heard;
  const { provider } = heard.value;
  return from.role === "provider" && from.id === provider ? heard : wrongPeer(from, provider);
}

function wrongPeer({ role, id }: InstitutionName, signer: string): Result<never, Refusal> {
  return err(refusal("wrong-peer", `the ${role} ${id} brings what is from ${signer}`));
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
  const context = toCentralBank({ currency, signer: id, centralBank: id });
  const check = message.signatureCheck(parsed.value, context, key.compressed);
  const good = checkSignature(check.signature) === undefined && (await verifier.verify(check));
  if (!good) return err(refusal("bad-signature"));
  const isOwn = from === undefined || (from.role === "central-bank" && from.id === id);
  return isOwn ? ok(parsed.value) : wrongPeer(from, id);
}

/** Seconds by which the clock of somebody who asks may differ. */
const TOLERANCE = 300;

/** Refuses a question that was overheard and is asked again. */
export function checkAge({ clock }: Core, at: number): Refusal | undefined {
  if (Math.abs(clock.now() - at) <= TOLERANCE) return undefined;
  return refusal("unauthorised", "the query is too old, or a clock is wrong");
}
