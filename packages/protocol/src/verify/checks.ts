import { checkSignature } from "../cose/signature.ts";
import type { AsyncVerifier, SignatureCheck, Verifier } from "../crypto.ts";
import { refusal, type Refusal } from "../errors.ts";
import { err, ok, type Result } from "../result.ts";

/** Private to this file, so that only the functions below can conclude anything. */
const conclude: unique symbol = Symbol("conclude");

/**
 * What will be known once every signature in `checks` has verified. The rules that need no cryptography have passed
 * already. Only `runChecks` and `runChecksAsync` give the value out, so nothing unverified can be taken for verified.
 */
export type Pending<T> = {
  readonly checks: readonly SignatureCheck[];
  readonly [conclude]: () => T;
};

export type BadSignature = Refusal<"bad-signature">;

/** `conclusion` runs once the checks have passed: it makes the value, and remembers what is now known. */
export function pending<T>(checks: readonly SignatureCheck[], conclusion: () => T): Pending<T> {
  return { checks, [conclude]: conclusion };
}

/** A conclusion drawn from another one; `more` checks have to pass as well. */
export function andThen<A, B>(
  first: Pending<A>,
  more: readonly SignatureCheck[],
  conclusion: (value: A) => B,
): Pending<B> {
  return pending([...first.checks, ...more], () => conclusion(first[conclude]()));
}

/** Whether one signature is in range, low-s and the key's. */
export function verifySignature(check: SignatureCheck, verifier: Verifier): boolean {
  return checkSignature(check.signature) === undefined && verifier.verify(check);
}

/** Does the checks in order and stops at the first that fails. */
export function runChecks<T>(value: Pending<T>, verifier: Verifier): Result<T, BadSignature> {
  const good = value.checks.every((check) => verifySignature(check, verifier));
  return good ? ok(value[conclude]()) : err(refusal("bad-signature"));
}

/** Does the checks all at once. */
export async function runChecksAsync<T>(
  value: Pending<T>,
  verifier: AsyncVerifier,
): Promise<Result<T, BadSignature>> {
  const { checks } = value;
  if (checks.some(({ signature }) => checkSignature(signature) !== undefined)) {
    return err(refusal("bad-signature"));
  }
  const results = await Promise.all(checks.map((check) => verifier.verify(check)));
  return results.every(Boolean) ? ok(value[conclude]()) : err(refusal("bad-signature"));
}
