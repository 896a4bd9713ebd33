/**
 * The outcome of something that may be refused. Refusals that a caller must expect are values of this type;
 * exceptions are left for bugs.
 */
export type Result<T, E> = Ok<T> | Err<E>;
export type Ok<T> = { readonly ok: true; readonly value: T };
export type Err<E> = { readonly ok: false; readonly error: E };

export function ok<T>(value: T): Ok<T> {
  return { ok: true, value };
}

export function err<const E>(error: E): Err<E> {
  return { ok: false, error };
}

/** The value of a result that cannot be an error here: an error is a bug and throws. */
export function unwrap<T, E>(result: Result<T, E>): T {
  if (result.ok) return result.value;
  throw new Error(`unexpected refusal: ${describe(result.error)}`);
}

function describe(error: unknown): string {
  return typeof error === "string" ? error : JSON.stringify(error);
}
