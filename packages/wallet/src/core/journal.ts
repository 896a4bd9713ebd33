import { field, map, type Seconds } from "@bezant/protocol";
import { kind, put, remove, type Entry } from "../store/records.ts";
import type { Change } from "../store/store.ts";
import type { Core } from "./core.ts";

/** What the wallet has begun and not ended, by operation and subject. The subject's own record says how far it is. */
const JOURNAL = kind("journal", map({ begun: [1, field.seconds] }));

export type Operation =
  | "register"
  | "register-ta"
  | "retire"
  | "deposit"
  | "refund"
  | "withdraw"
  | "request"
  | "cancel"
  | "pay"
  | "settle"
  | "receive"
  | "claim"
  | "decline"
  | "pay-online";

export function begin(operation: Operation, subject: string, now: Seconds): Change {
  return put(JOURNAL, `${operation}/${subject}`, { begun: now });
}

export function end(operation: Operation, subject: string): Change {
  return remove(JOURNAL, `${operation}/${subject}`);
}

/** The subjects of an operation's unfinished entries. */
export async function unfinished({ records }: Core, operation: Operation): Promise<string[]> {
  const entries: readonly Entry<unknown>[] = await records.list(JOURNAL, `${operation}/`);
  return entries.map(({ key }) => key.slice(operation.length + 1));
}

/** Whether anything at all is unfinished. */
export async function isAtRest({ records }: Core): Promise<boolean> {
  return (await records.list(JOURNAL)).length === 0;
}
