import type { Root } from "../certificate/trust-store.ts";
import { decompress, type PublicKey } from "../cose/key.ts";
import { keyIdOf } from "../cose/thumbprint.ts";
import type { SignatureCheck } from "../crypto.ts";
import { refusal, type Refusal } from "../errors.ts";
import type { InstitutionId, Seconds } from "../ids.ts";
import { appointment } from "../messages/appointment.ts";
import { makerToAnybody } from "../messages/contexts.ts";
import type { Parsed, ParseRefusal } from "../messages/message.ts";
import { err, ok, type Result } from "../result.ts";

/** An OEM root, named: its id is part of what it signs. */
export type OemRoot = Root & { readonly id: InstitutionId };

/** A key that works for a manufacturer. */
export type Appointed = {
  readonly name: InstitutionId;
  readonly key: PublicKey;
  readonly manufacturer: InstitutionId;
  readonly nbf: Seconds;
  readonly exp: Seconds;
};

export type AppointmentRefusal =
  | ParseRefusal
  | Refusal<"missing-certificate" | "unknown-issuer" | "wrong-role" | "bad-key">;

/**
 * Who signed a message, by the appointment attached to it (§17.1), and the check of the appointment's own signature.
 * Whether it was valid at the time is the caller's to ask, who knows which time.
 */
export function appointedSigner<P>(
  { certificate, kid }: Parsed<P>,
  purpose: "service" | "developer",
  roots: readonly OemRoot[],
): Result<{ readonly signer: Appointed; readonly check: SignatureCheck }, AppointmentRefusal> {
  if (certificate === undefined) return err(refusal("missing-certificate"));
  const parsed = appointment.parse(certificate);
  if (!parsed.ok) return parsed;
  const { payload, certificate: kcwt, chain } = parsed.value;
  if (kcwt !== undefined || chain !== undefined) {
    return err(refusal("malformed", "an appointment's unprotected header is empty"));
  }
  if (payload.purpose !== purpose) return err(refusal("wrong-role"));
  const root = roots.find(({ key }) => keyIdOf(key) === parsed.value.kid);
  if (root === undefined) return err(refusal("unknown-issuer"));
  const key = decompress(payload.key);
  if (!key.ok) return err(refusal("bad-key"));
  if (keyIdOf(key.value) !== kid) return err(refusal("unknown-issuer"));
  const { name, nbf, exp } = payload;
  const context = makerToAnybody(root.id);
  const check = appointment.signatureCheck(parsed.value, context, root.key.compressed);
  return ok({ signer: { name, key: key.value, manufacturer: root.id, nbf, exp }, check });
}

/** Whether an appointment counts at a time. */
export function checkAppointed(
  { nbf, exp }: Appointed,
  at: Seconds,
  skew = 0,
): Refusal<"not-yet-valid" | "expired"> | undefined {
  if (nbf > at + skew) return refusal("not-yet-valid");
  return at > exp ? refusal("expired") : undefined;
}
