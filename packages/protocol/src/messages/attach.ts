import { replaceEnvelope, typOf } from "../cose/sign1.ts";
import { malformed } from "../errors.ts";
import { err, ok, type Result } from "../result.ts";
import { envelope, type Attachments, type ParseRefusal } from "./message.ts";

/**
 * The same message with exactly these certificates in its unprotected header; what was there is gone. The signature
 * stays good, as it never covered them. A sender attaches its provider's chain where the receiver has another one.
 */
export function attach(
  message: Uint8Array,
  attachments: Attachments,
): Result<Uint8Array, ParseRefusal> {
  const replaced = replaceEnvelope(message, envelope(attachments));
  return replaced.ok ? ok(replaced.value) : err(malformed(replaced.error));
}

export { typOf };
