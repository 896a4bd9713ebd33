import {
  err,
  ok,
  refusal,
  type Message,
  type Parsed,
  type Refusal,
  type Result,
  type WalletId,
} from "@bezant/protocol";
import { verifySignatureAsync } from "./signature.ts";
import { findClientKey } from "../registry/clients.ts";
import { findTaKeys, type TaKey } from "../registry/tas.ts";
import { fromClient, type Core } from "./core.ts";

/** An order of a wallet: its form is right, and the client's key signed it for this provider. */
export async function walletOrder<P>(
  core: Core,
  message: Message<P>,
  client: WalletId,
  body: Uint8Array,
): Promise<Result<P, Refusal>> {
  const parsed = message.parse(body);
  if (!parsed.ok) return parsed;
  const key = await findClientKey(core.db, client);
  if (!key.ok) return key;
  const check = message.signatureCheck(parsed.value, fromClient(core, client), key.value);
  if (!(await verifySignatureAsync(check, core.verifier))) return err(refusal("bad-signature"));
  return ok(parsed.value.payload);
}

export interface FromTa<P> {
  readonly ta: TaKey;
  readonly parsed: Parsed<P>;
}

/** A message of one of the client's TAs to its home provider. */
export async function taMessage<P>(
  core: Core,
  message: Message<P>,
  client: WalletId,
  body: Uint8Array,
): Promise<Result<FromTa<P>, Refusal>> {
  const parsed = message.parse(body);
  if (!parsed.ok) return parsed;
  const tas = await findTaKeys(core.db, client);
  if (!tas.ok) return tas;
  for (const ta of tas.value) {
    const check = message.signatureCheck(parsed.value, fromClient(core, ta.id), ta.key);
    if (await verifySignatureAsync(check, core.verifier)) return ok({ ta, parsed: parsed.value });
  }
  return err(refusal("bad-signature"));
}
