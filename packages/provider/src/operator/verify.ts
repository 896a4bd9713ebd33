import {
  checkSignature,
  err,
  keyIdOf,
  ok,
  refusal,
  type Message,
  type Parsed,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { operatorContext } from "./order.ts";

/** Reads a message that only one of the operator's keys may sign. */
export async function operatorVerify<P>(
  { identity, operators, verifier }: Core,
  message: Message<P>,
  body: Uint8Array,
): Promise<Result<Parsed<P>, Refusal>> {
  const parsed = message.parse(body);
  if (!parsed.ok) return parsed;
  const key = operators.find((one) => keyIdOf(one) === parsed.value.kid);
  if (key === undefined) return err(refusal("unknown-issuer", "no key of an operator"));
  const check = message.signatureCheck(parsed.value, operatorContext(identity), key.compressed);
  const good = checkSignature(check.signature) === undefined && (await verifier.verify(check));
  return good ? ok(parsed.value) : err(refusal("bad-signature"));
}
