import {
  err,
  holderVerify,
  ok,
  refusal,
  runChecksAsync,
  type CompressedKey,
  type FromHolder,
  type Message,
  type Refusal,
  type Result,
  type TaId,
  type WalletId,
} from "@bezant/protocol";
import { findClientKey } from "../registry/clients.ts";
import { findTaKeys } from "../registry/tas.ts";
import type { Core } from "./core.ts";

/** An order of a wallet: its form is right, and the client's key signed it for this provider. */
export async function walletOrder<P>(
  core: Core,
  message: Message<P>,
  client: WalletId,
  body: Uint8Array,
): Promise<Result<FromHolder<P>, Refusal>> {
  const parsed = message.parse(body);
  if (!parsed.ok) return parsed;
  const key = await findClientKey(core.db, client);
  return key.ok ? fromHolder(core, message, body, client, key.value) : key;
}

/** A message of one of the client's TAs to its home provider. */
export async function taMessage<P>(
  core: Core,
  message: Message<P>,
  client: WalletId,
  body: Uint8Array,
): Promise<Result<FromHolder<P> & { readonly signer: TaId }, Refusal>> {
  const parsed = message.parse(body);
  if (!parsed.ok) return parsed;
  const tas = await findTaKeys(core.db, client);
  if (!tas.ok) return tas;
  for (const { id, key } of tas.value) {
    const verified = await fromHolder(core, message, body, id, key);
    if (verified.ok) return ok({ ...verified.value, signer: id });
  }
  return err(refusal("bad-signature"));
}

async function fromHolder<P>(
  { identity, verifier }: Core,
  message: Message<P>,
  body: Uint8Array,
  id: TaId | WalletId,
  key: CompressedKey,
): Promise<Result<FromHolder<P>, Refusal>> {
  const { currency, id: home } = identity;
  const pending = holderVerify(message, body, { currency, home, id, key });
  return pending.ok ? runChecksAsync(pending.value, verifier) : pending;
}
