// How payments have ended, and what may be said of it.
import { outcome } from "@bezant/protocol";
import type { Books, PaymentEntry } from "./books.ts";
import { Violation } from "./property.ts";

/** What the provider has signed is what has become of the payment. */
export function checkEnd(entry: PaymentEntry, answer: Uint8Array): void {
  const parsed = outcome.parse(answer);
  const said = parsed.ok ? parsed.value.payload.kind : "nothing";
  const is = entry.end === "claimed" ? "claimed" : "never-settled";
  if (said === is) return;
  throw new Violation("absolute finality", `${entry.key} is ${is}, and was called ${said}`);
}

/** The payee will never have it: its TA has said so, or its provider. */
export function isUnwanted(books: Books, entry: PaymentEntry): boolean {
  if (entry.declined) return true;
  if (entry.toWallet) return false;
  const request = books.requestOf(entry);
  if (request === undefined) return false;
  return request.end === "void" || (request.end !== "open" && request.end.collected !== entry.key);
}
