import {
  centralBankVerify,
  err,
  refusal,
  runChecksAsync,
  toCentralBank,
  type FromCentralBank,
  type Message,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import type { CentralBankRoute } from "./central-bank.ts";

/** Signs a message to the central bank. */
export function say<P>(core: Core, message: Message<P>, payload: NoInfer<P>): Promise<Uint8Array> {
  const { currency, id, root, chain } = core.identity;
  if (root.id === undefined) throw new Error("a central bank without an id");
  const context = toCentralBank({ currency, signer: id, centralBank: root.id });
  return message.signAsync(payload, context, core.signer, { chain });
}

/** Verifies what the central bank has signed for this provider. */
export async function hear<P>(
  { identity, trust, clock, verifier }: Core,
  message: Message<P>,
  bytes: Uint8Array,
): Promise<Result<FromCentralBank<P>, Refusal>> {
  const said = centralBankVerify(message, bytes, {
    audience: identity.id,
    trust,
    now: clock.now(),
  });
  return said.ok ? runChecksAsync(said.value, verifier) : said;
}

/** Sends a message and takes the bytes of the answer, whoever they are from. */
export async function ask(
  { centralBank }: Core,
  route: CentralBankRoute,
  body: Uint8Array,
): Promise<Result<Uint8Array, Refusal>> {
  return centralBank === undefined ? err(refusal("no-settlement")) : centralBank.post(route, body);
}
