import { bytes as byteString, decode, encode, refined, type Schema } from "../cbor/index.ts";
import {
  assemble,
  MAX_MESSAGE,
  parseSign1,
  toBeSigned,
  type Sign1,
  type ToBeSigned,
} from "../cose/sign1.ts";
import type { CompressedKey, PublicKey } from "../cose/key.ts";
import { keyIdOf } from "../cose/thumbprint.ts";
import type { SignatureCheck, Signer, SyncSigner } from "../crypto.ts";
import { malformed, refusal, type Refusal } from "../errors.ts";
import type { KeyId } from "../ids.ts";
import { err, ok, type Result } from "../result.ts";

/**
 * Who signs what for whom (protocol document, §3.3). It is signed but never sent: the verifier puts in what it knows,
 * so a message lifted out of its context does not verify.
 */
export type Context = Pick<ToBeSigned, "currency" | "home" | "signer" | "audience">;

/** A provider's certificate, then its intermediary's, encoded. */
export type Chain = readonly [provider: Uint8Array, intermediary: Uint8Array];

/** What travels in the unprotected header: not signed, and replaceable by any holder. */
export type Attachments = {
  readonly certificate?: Uint8Array | undefined;
  readonly chain?: Chain | undefined;
};

/** A message whose form is right and whose signature nobody has looked at yet. */
export type Parsed<P> = {
  readonly typ: number;
  readonly payload: P;
  /** The bytes that were signed, which only this encoding of `payload` can be. */
  readonly payloadBytes: Uint8Array;
  readonly kid?: KeyId;
  readonly certificate?: Uint8Array;
  readonly chain?: Chain;
  readonly signature: Uint8Array;
};

export type ParseRefusal = Refusal<"malformed" | "wrong-type" | "unsupported-algorithm">;

/** Institutions name their key in `kid`; TAs, wallets and devices never do (§3.2). */
export type SignerKind = "institution" | "holder";

/** One row of the table in §3: a kind of message, and everything that is done with it. */
export type Message<P> = {
  readonly typ: number;
  readonly name: string;
  readonly payload: Schema<P>;
  /** Which kind of signer this payload must have. */
  readonly signedBy: (payload: P) => SignerKind;
  /** The bytes to sign. An institution's message needs the `kid` of its key. */
  readonly toBeSigned: (payload: NoInfer<P>, context: Context, kid?: KeyId) => Uint8Array;
  /** The message with its signature, which must be low-s. */
  readonly assemble: (
    payload: NoInfer<P>,
    signature: Uint8Array,
    rest?: Attachments & { readonly kid?: KeyId | undefined },
  ) => Uint8Array;
  /** `toBeSigned`, the signer, `assemble`; `kid` comes from the signer's key where it belongs. */
  readonly sign: (
    payload: NoInfer<P>,
    context: Context,
    signer: SyncSigner,
    attachments?: Attachments,
  ) => Uint8Array;
  readonly signAsync: (
    payload: NoInfer<P>,
    context: Context,
    signer: Signer,
    attachments?: Attachments,
  ) => Promise<Uint8Array>;
  /** Reads bytes from anybody. Verifies nothing. */
  readonly parse: (bytes: Uint8Array) => Result<Parsed<P>, ParseRefusal>;
  /** What has to hold for the message to be the key's, in this context; for `verify` or `verifyAsync`. */
  readonly signatureCheck: (
    parsed: Parsed<NoInfer<P>>,
    context: Context,
    key: CompressedKey,
  ) => SignatureCheck;
};

export type Definition<P> = {
  readonly typ: number;
  readonly name: string;
  readonly payload: Schema<P>;
  readonly signedBy: SignerKind | ((payload: P) => SignerKind);
};

export function defineMessage<P>(definition: Definition<P>): Message<P> {
  const { typ, name, payload: schema } = definition;
  const signedBy =
    typeof definition.signedBy === "function" ? definition.signedBy : constant(definition.signedBy);

  const header = (payload: P, kid: KeyId | undefined): Pick<Sign1, "typ" | "kid"> => {
    const wanted = signedBy(payload) === "institution";
    if (wanted !== (kid !== undefined)) {
      throw new TypeError(`${name}: kid is ${wanted ? "missing" : "not for this signer"}`);
    }
    return kid === undefined ? { typ } : { typ, kid };
  };
  const kidOf = (payload: P, key: PublicKey): KeyId | undefined =>
    signedBy(payload) === "institution" ? keyIdOf(key) : undefined;

  const message: Message<P> = {
    typ,
    name,
    payload: schema,
    signedBy,
    toBeSigned: (payload, context, kid) =>
      toBeSigned({ ...header(payload, kid), ...context, payload: encode(schema, payload) }),
    assemble: (payload, signature, { kid, ...attachments } = {}) =>
      assemble({
        ...header(payload, kid),
        ...envelope(attachments),
        payload: encode(schema, payload),
        signature,
      }),
    sign(payload, context, signer, attachments) {
      const kid = kidOf(payload, signer.publicKey);
      const signature = signer.sign(message.toBeSigned(payload, context, kid));
      return message.assemble(payload, signature, { ...attachments, kid });
    },
    async signAsync(payload, context, signer, attachments) {
      const kid = kidOf(payload, signer.publicKey);
      const signature = await signer.sign(message.toBeSigned(payload, context, kid));
      return message.assemble(payload, signature, { ...attachments, kid });
    },
    parse(bytes) {
      const sign1 = parseSign1(bytes, typ);
      if (!sign1.ok) return err(malformed(sign1.error));
      const payload = decode(schema, sign1.value.payload);
      if (!payload.ok) return err(malformed(payload.error));
      const wanted = signedBy(payload.value) === "institution";
      if (wanted !== (sign1.value.kid !== undefined)) {
        return err(refusal("malformed", wanted ? "kid is missing" : "kid is not for this signer"));
      }
      return ok(parsed(sign1.value, payload.value));
    },
    signatureCheck: ({ payloadBytes, kid, signature }, context, key) => ({
      key,
      message: toBeSigned({
        typ,
        ...(kid === undefined ? {} : { kid }),
        ...context,
        payload: payloadBytes,
      }),
      signature,
    }),
  };
  return message;
}

/** A message of this kind inside another one's payload, kept encoded, with whatever is attached to it. */
export function embedded<P>(message: Message<P>): Schema<Uint8Array> {
  return refined(byteString(0, MAX_MESSAGE), (value) => message.parse(value).ok);
}

function parsed<P>(sign1: Sign1, payload: P): Parsed<P> {
  const { typ, kid, kcwt, chain, signature } = sign1;
  return {
    typ,
    payload,
    payloadBytes: sign1.payload,
    ...(kid === undefined ? {} : { kid }),
    ...(kcwt === undefined ? {} : { certificate: kcwt }),
    ...(chain === undefined ? {} : { chain }),
    signature,
  };
}

export function envelope({ certificate, chain }: Attachments): Pick<Sign1, "kcwt" | "chain"> {
  return {
    ...(certificate === undefined ? {} : { kcwt: certificate }),
    ...(chain === undefined ? {} : { chain }),
  };
}

function constant<T>(value: T): () => T {
  return () => value;
}
