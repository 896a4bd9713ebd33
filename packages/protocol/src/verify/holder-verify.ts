import type { Brand } from "../brand.ts";
import { decompress, type CompressedKey, type PublicKey } from "../cose/key.ts";
import { walletIdOf } from "../cose/thumbprint.ts";
import { refusal, type Refusal } from "../errors.ts";
import type { Currency, ProviderId, TaId, WalletId } from "../ids.ts";
import { holderToHome } from "../messages/contexts.ts";
import type { Message, ParseRefusal } from "../messages/message.ts";
import { registration } from "../messages/registration.ts";
import { err, ok, type Result } from "../result.ts";
import { pending, type Pending } from "./checks.ts";

/** What a TA or wallet said to its provider, with the bytes that prove it. */
export type FromHolder<P> = Brand<
  { readonly payload: P; readonly signer: TaId | WalletId; readonly bytes: Uint8Array },
  "FromHolder"
>;

/**
 * A message of a client's TA or wallet to its provider, by the provider that knows the client's key: orders,
 * reservations, withdrawals, sync requests, balances, retirements.
 */
export function holderVerify<P>(
  message: Message<P>,
  bytes: Uint8Array,
  signer: {
    readonly currency: Currency;
    readonly home: ProviderId;
    readonly id: TaId | WalletId;
    readonly key: CompressedKey;
  },
): Result<Pending<FromHolder<P>>, ParseRefusal> {
  const parsed = message.parse(bytes);
  if (!parsed.ok) return parsed;
  const { currency, home, id, key } = signer;
  const context = holderToHome({ currency, home, signer: id });
  const check = message.signatureCheck(parsed.value, context, key);
  const { payload } = parsed.value;
  return ok(pending([check], () => ({ payload, signer: id, bytes }) as FromHolder<P>));
}

export type VerifiedRegistration = Brand<
  { readonly wallet: WalletId; readonly key: PublicKey; readonly bytes: Uint8Array },
  "VerifiedRegistration"
>;

/** A registration (§5.1): signed by the very key that it brings, by the wallet that this key makes at this provider. */
export function registrationVerify(
  bytes: Uint8Array,
  { currency, provider }: { readonly currency: Currency; readonly provider: ProviderId },
): Result<Pending<VerifiedRegistration>, ParseRefusal | Refusal<"bad-key">> {
  const parsed = registration.parse(bytes);
  if (!parsed.ok) return parsed;
  const key = decompress(parsed.value.payload.key);
  if (!key.ok) return err(refusal("bad-key"));
  const wallet = walletIdOf(provider, key.value);
  const context = holderToHome({ currency, home: provider, signer: wallet });
  const check = registration.signatureCheck(parsed.value, context, key.value.compressed);
  return ok(pending([check], () => ({ wallet, key: key.value, bytes }) as VerifiedRegistration));
}
