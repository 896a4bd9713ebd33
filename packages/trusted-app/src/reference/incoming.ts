import {
  ok,
  type Chain,
  type CompressedKey,
  type Context,
  type KeyId,
  type Message,
  type Parsed,
  type ProviderId,
  type Result,
} from "@bezant/protocol";
import type { TaRefusal } from "../commands.ts";
import type { TeeInternalApi } from "../internal-api.ts";
import { certVerify, isRevokedKey, storedIssuer, verifies, type Issuer } from "./certificates.ts";
import { refuse, type Refused } from "./reply.ts";
import type { TaState } from "./state.ts";

/** Reads a message as §3.5 says. */
export function read<P>(message: Message<P>, bytes: Uint8Array): Result<Parsed<P>, TaRefusal> {
  const parsed = message.parse(bytes);
  return parsed.ok ? parsed : refuse(parsed.error.code);
}

/**
 * A provider-signed message to this TA: by the home provider's key that the TA knows, or by another of its keys with
 * the chain attached.
 */
export function verifyHome<P>(
  api: TeeInternalApi,
  state: TaState,
  message: Message<P>,
  parsed: Parsed<P>,
): Refused | undefined {
  const provider = providerOf(api, state, parsed);
  if (!provider.ok) return provider;
  if (provider.value.id !== state.home) return refuse("not-home");
  return verifyProvider(api, state, { message, parsed, audience: state.id }, provider.value);
}

/**
 * An outcome that a provider signed for anybody: the home provider, or the one whose chain is attached. Gives that
 * provider's id.
 */
export function verifyAnyProvider<P>(
  api: TeeInternalApi,
  state: TaState,
  message: Message<P>,
  parsed: Parsed<P>,
): Result<ProviderId, TaRefusal> {
  const provider = providerOf(api, state, parsed);
  if (!provider.ok) return provider;
  const claim = { message, parsed, audience: "" } as const;
  return verifyProvider(api, state, claim, provider.value) ?? ok(provider.value.id);
}

function providerOf(
  api: TeeInternalApi,
  state: TaState,
  { kid, chain }: { readonly kid?: KeyId; readonly chain?: Chain },
): Result<Issuer, TaRefusal> {
  const { currency, time: now } = state;
  const stored = storedIssuer(state, kid, { now, grace: 0 });
  if (stored !== undefined) return ok(stored);
  if (kid === undefined || chain === undefined) return refuse("unknown-issuer");
  return certVerify(api, { state, currency, now, chain, kid });
}

function verifyProvider<P>(
  api: TeeInternalApi,
  state: TaState,
  claim: {
    readonly message: Message<P>;
    readonly parsed: Parsed<P>;
    readonly audience: Context["audience"];
  },
  provider: { readonly id: ProviderId; readonly key: CompressedKey },
): Refused | undefined {
  const { message, parsed, audience } = claim;
  // Nothing says when a message was signed.
  if (isRevokedKey(state, parsed.kid)) return refuse("issuer-revoked");
  const { currency } = state;
  const context = { currency, home: "", signer: provider.id, audience } as const;
  const check = message.signatureCheck(parsed, context, provider.key);
  return verifies(api, check) ? undefined : refuse("bad-signature");
}
