import {
  isRefusalCode,
  refusal,
  toHex,
  type Context,
  type Message,
  type Signer,
} from "@bezant/protocol";
import { EXIT } from "../exit-codes.ts";
import { Failure, Refused } from "../failure.ts";

/** The platform's `fetch`, or that of an institution with a TLS certificate of its own. */
export type Fetch = typeof globalThis.fetch;

const TIMEOUT_MS = 30_000;

/** A server, and with whose signature it is spoken to. */
export type Signed = {
  readonly url: string;
  readonly fetch: Fetch;
  readonly context: Context;
  readonly signer: Signer;
};

/** Nobody answers where a server should be. */
export class NotThere extends Failure {}

/** What a server says of itself. */
export async function readInfo(
  fetch: Fetch,
  url: string,
  path: string,
  what: string,
): Promise<Partial<Record<string, unknown>>> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const answer = await fetch(url + path, { signal }).catch((error: unknown) => {
    throw new NotThere(`No ${what} answers at ${url} (${reason(error)}). No money has moved.`);
  });
  return json(answer);
}

/** No answer, or one that no server of ours gives. */
export class NoAnswer extends Failure {
  readonly why: string;

  constructor(url: string, why: string) {
    super(
      `${url} gives no answer (${why}). Ask again: nothing is done twice.`,
      EXIT.pending,
      "unknown",
    );
    this.why = why;
  }
}

/** Posts one signed message, and gives the JSON that is answered; a refusal throws. */
export async function postSigned<P>(
  { url, fetch, context, signer }: Signed,
  path: string,
  message: Message<P>,
  payload: P,
): Promise<unknown> {
  const body = await message.signAsync(payload, context, signer);
  return json(await postBytes({ url, fetch }, path, "application/cose", body));
}

/** Reads bytes; a refusal throws, and so does whatever comes instead of an answer. */
export async function getBytes(
  { url, fetch }: Pick<Signed, "url" | "fetch">,
  path: string,
): Promise<Uint8Array> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const answer = await fetch(url + path, { signal }).catch((error: unknown) => {
    throw new NoAnswer(url, reason(error));
  });
  return new Uint8Array(await (await unlessRefused(url, answer)).arrayBuffer());
}

/** Posts bytes, and gives what is answered; a refusal throws, and so does whatever comes instead of an answer. */
export async function postBytes(
  { url, fetch }: Pick<Signed, "url" | "fetch">,
  path: string,
  media: string,
  body: Uint8Array,
): Promise<Response> {
  const answer = await fetch(url + path, {
    method: "POST",
    headers: { "content-type": media },
    body: new Uint8Array(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((error: unknown) => {
    throw new NoAnswer(url, reason(error));
  });
  return unlessRefused(url, answer);
}

async function unlessRefused(url: string, answer: Response): Promise<Response> {
  if (answer.ok) return answer;
  const { code, detail } = (await json(answer)) as { code?: unknown; detail?: string };
  throw isRefusalCode(code)
    ? new Refused(refusal(code, detail))
    : new NoAnswer(url, `status ${answer.status}`);
}

/** The same for an order, which counts once: where the answer is lost, it says how to repeat it. */
export async function postOrder<P extends { readonly orderId: Uint8Array }>(
  to: Signed,
  message: Message<P>,
  order: P,
): Promise<void> {
  await giveOrder(
    () => postSigned(to, "/operator/v1/orders", message, order),
    `Repeat it with --order-id ${toHex(order.orderId)}`,
  );
}

/** Gives an order that counts once. @param repeat how to give it again, where the answer is lost */
export async function giveOrder<T>(give: () => Promise<T>, repeat: string): Promise<T> {
  try {
    return await give();
  } catch (error) {
    if (error instanceof Refused) throw error;
    const why = error instanceof NoAnswer ? error.why : reason(error);
    throw new Failure(
      `The answer was lost (${why}): the order was carried out or not. ${repeat}; it counts once.`,
      EXIT.pending,
    );
  }
}

async function json(answer: Response): Promise<Partial<Record<string, unknown>>> {
  const value: unknown = await answer.json().catch(() => undefined);
  return typeof value === "object" && value !== null ? value : {};
}

/** Node puts what happened into the cause. */
function reason(error: unknown): string {
  const { cause = error } = error as { cause?: unknown };
  const { code, message } = cause as { code?: string; message?: string };
  return code ?? message ?? String(error);
}
