import {
  checkSignature,
  err,
  ok,
  payment,
  paymentContext,
  refusal,
  type Payment,
  type Refusal,
  type Result,
  type TaId,
  type WalletId,
} from "@bezant/protocol";
import { findTaKeys } from "../registry/tas.ts";
import type { Core } from "./core.ts";

/** A payment that one of the client's TAs has signed here, under this provider. */
export interface OwnPayment {
  readonly payment: Payment;
  readonly sender: TaId;
  readonly payloadBytes: Uint8Array;
}

/**
 * Verifies a payment by the key that the registry has for its sender, so an expired certificate is no matter: the money is
 * this client's own.
 */
export async function ownPayment(
  core: Core,
  client: WalletId,
  bytes: Uint8Array,
): Promise<Result<OwnPayment, Refusal>> {
  const parsed = payment.parse(bytes);
  if (!parsed.ok) return parsed;
  const tas = await findTaKeys(core.db, client);
  if (!tas.ok) return tas;
  const { payload, payloadBytes, signature } = parsed.value;
  if (checkSignature(signature) !== undefined) return err(refusal("bad-signature"));
  const { currency, id: home } = core.identity;
  for (const { id: sender, key } of tas.value) {
    const context = paymentContext({ currency, home, sender, receiver: payload.receiver });
    const check = payment.signatureCheck(parsed.value, context, key);
    if (await core.verifier.verify(check)) return ok({ payment: payload, sender, payloadBytes });
  }
  return err(refusal("bad-signature"));
}
