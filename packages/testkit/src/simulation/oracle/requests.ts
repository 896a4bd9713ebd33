// What is in a request to a provider.
import { decodeSequence, MAX_BATCH, MAX_MESSAGE, parseSign1, typOf } from "@bezant/protocol";
import type { Request } from "../router.ts";
import { markOf } from "./books.ts";

/** The signed part of an order and the client that it is for; certificates beside it are nobody's business. */
export function orderIn({ path, body }: Request): string | undefined {
  const parsed = parseSign1(body, typOf(body) ?? 0);
  if (!parsed.ok) return undefined;
  const { payload: payloadBytes, signature } = parsed.value;
  return `${path.split("/")[3]} ${markOf({ payloadBytes, signature })}`;
}

export function split(body: Uint8Array): readonly Uint8Array[] {
  const items = decodeSequence(body, { maxItems: MAX_BATCH, maxItemSize: MAX_MESSAGE });
  return items.ok ? items.value : [];
}
