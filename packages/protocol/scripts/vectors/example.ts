import {
  encode,
  unwrap,
  type Attachments,
  type Context,
  type KeyId,
  type Message,
  type SignatureCheck,
} from "../../src/index.ts";
import type { Actor } from "./actor.ts";

/** One message as its rightful signer makes it, with all that a reader of the vectors needs to make the same. */
export type Example = {
  readonly name: string;
  readonly message: Message<unknown>;
  readonly payload: unknown;
  readonly payloadBytes: Uint8Array;
  readonly context: Context;
  readonly signer: Actor;
  readonly kid: KeyId | undefined;
  readonly attached: Attachments;
  readonly toBeSigned: Uint8Array;
  readonly bytes: Uint8Array;
  readonly check: SignatureCheck;
};

export function example<P>(
  name: string,
  message: Message<P>,
  payload: NoInfer<P>,
  by: { readonly signer: Actor; readonly context: Context; readonly attached?: Attachments },
): Example {
  const { signer, context, attached = {} } = by;
  const kid = message.signedBy(payload) === "institution" ? signer.keyId : undefined;
  const bytes = message.sign(payload, context, signer, attached);
  const parsed = unwrap(message.parse(bytes));
  return {
    name,
    message: message as Message<unknown>,
    payload,
    payloadBytes: encode(message.payload, payload),
    context,
    signer,
    kid,
    attached,
    toBeSigned: message.toBeSigned(payload, context, kid),
    bytes,
    check: message.signatureCheck(parsed, context, signer.publicKey.compressed),
  };
}
