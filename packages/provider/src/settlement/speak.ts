import {
  centralBankVerify,
  err,
  refusal,
  runChecksAsync,
  betweenInstitutions,
  type FromCentralBank,
  type Message,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import type { CentralBankRoute, Manner } from "./central-bank.ts";

/** What talking to the central bank takes. */
export type Speaker = Pick<
  Core,
  "identity" | "signer" | "trust" | "clock" | "verifier" | "centralBank"
>;

/** Signs a message to the central bank. */
export function say<P>(
  core: Speaker,
  message: Message<P>,
  payload: NoInfer<P>,
): Promise<Uint8Array> {
  const { currency, id, root, chain } = core.identity;
  if (root.id === undefined) throw new Error("a central bank without an id");
  const context = betweenInstitutions({ currency, signer: id, audience: root.id });
  return message.signAsync(payload, context, core.signer, { chain });
}

/** Verifies what the central bank has signed for this provider. */
export async function hear<P>(
  { identity, trust, clock, verifier }: Speaker,
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
  { centralBank }: Speaker,
  route: CentralBankRoute,
  body: Uint8Array,
  manner?: Manner,
): Promise<Result<Uint8Array, Refusal>> {
  if (centralBank === undefined) return err(refusal("no-settlement"));
  return centralBank.post(route, body, manner);
}
