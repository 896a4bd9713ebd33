import {
  concatBytes,
  equalBytes,
  err,
  MAX_MESSAGE,
  ok,
  outcome,
  payment,
  paymentRequest,
  refusal,
  sha256,
  statusChunk,
  typOf,
  type Result,
} from "@bezant/protocol";
import { walletRefusal, type WalletRefusal } from "../refusals.ts";

/** What people hand to each other. */
const KINDS = {
  request: paymentRequest.typ,
  payment: payment.typ,
  outcome: outcome.typ,
  /** Never alone: it goes with a request or payment. */
  status: statusChunk.typ,
} as const;
export type MessageKind = keyof typeof KINDS;

const PREFIX = "bezant1";
const CHECK = 6;
/** Far more than the longest message takes, line breaks and quoting included. */
const MAX_TEXT = 16_384;
const BASE64URL = { alphabet: "base64url", omitPadding: true } as const;

/** Which of them it is; says nothing else about the message. */
export function kindOf(message: Uint8Array): MessageKind | undefined {
  const typ = typOf(message);
  return (Object.keys(KINDS) as MessageKind[]).find((kind) => KINDS[kind] === typ);
}

/** What a text holds, and the part of a status list that came with it. */
export type TextMessage = {
  readonly kind: MessageKind;
  readonly message: Uint8Array;
  readonly status?: Uint8Array;
};

/**
 * A message as one line to copy, print or send: `bezant1:request:…:…`. The part of a status list that goes with it is another
 * line.
 */
export function encodeText(message: Uint8Array, status?: Uint8Array): string {
  return status === undefined ? lineOf(message) : `${lineOf(message)}\n${lineOf(status)}`;
}

function lineOf(message: Uint8Array): string {
  const kind = kindOf(message);
  if (kind === undefined) throw new TypeError("not a message that people hand to each other");
  const check = checkOf(kind, message).toBase64(BASE64URL);
  return `${PREFIX}:${kind}:${message.toBase64(BASE64URL)}:${check}`;
}

/**
 * Finds the message in a text: with line breaks, spaces, quoting and words around it, as mail and chat leave it. The checksum tells
 * what was cut or mistyped; it proves nothing about who wrote it.
 */
export function decodeText(text: string): Result<TextMessage, WalletRefusal> {
  if (text.length > MAX_TEXT) return err(refusal("too-large"));
  // White space, what is invisible, and the marks with which mail quotes lines.
  const joined = text.replaceAll(/[>\s\u00AD\u200B-\u200D\u2060\uFEFF]+/gu, "");
  const [found, ...more] = joined.matchAll(/bezant1:([a-z]+):([\w-]+):([\w-]{8})/giu);
  if (found === undefined) {
    return err(/bezant1:/iu.test(joined) ? walletRefusal("damaged-text") : refusal("malformed"));
  }
  const first = decodeLine(found);
  const second = more.map(decodeLine).find((one) => one.ok);
  if (!first.ok || second?.ok !== true) return first;
  const both = [first.value, second.value];
  const status = both.find(({ kind }) => kind === "status");
  const main = both.find(({ kind }) => kind !== "status");
  return main === undefined || status === undefined
    ? first
    : ok({ ...main, status: status.message });
}

function decodeLine(found: RegExpExecArray): Result<TextMessage, WalletRefusal> {
  const [, word = "", body = "", check = ""] = found;
  const kind = (Object.keys(KINDS) as MessageKind[]).find((one) => one === word);
  if (kind === undefined) return err(refusal("wrong-type", word));
  const message = fromBase64(body);
  const said = fromBase64(check);
  if (message === undefined || said === undefined || !equalBytes(said, checkOf(kind, message))) {
    return err(walletRefusal("damaged-text"));
  }
  if (message.length > MAX_MESSAGE) return err(refusal("too-large"));
  return kindOf(message) === kind ? ok({ kind, message }) : err(refusal("wrong-type"));
}

function checkOf(kind: MessageKind, message: Uint8Array): Uint8Array {
  const label = new TextEncoder().encode(`${PREFIX}:${kind}:`);
  return sha256(concatBytes(label, message)).subarray(0, CHECK);
}

/** Undefined for what encoding the bytes would not give back. */
function fromBase64(text: string): Uint8Array | undefined {
  try {
    const bytes = Uint8Array.fromBase64(text, { alphabet: "base64url" });
    return bytes.toBase64(BASE64URL) === text ? bytes : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
