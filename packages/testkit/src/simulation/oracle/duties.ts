import {
  payment,
  PAYMENT_GRACE as GRACE,
  paymentRequest,
  toHex,
  type Chain,
} from "@bezant/protocol";
import {
  decodeInput,
  type CommandName,
  type Input,
  type Output,
} from "@bezant/trusted-app/commands";
import { TIGHT } from "../limits.ts";
import type { Books, TaBook } from "./books.ts";
import { paymentIn, requestIn } from "./predict.ts";
import type { Property } from "./property.ts";

/** Refusing this, the TA breaks which promise? None where it had a reason. */
export function mustTake(
  books: Books,
  book: TaBook,
  info: Output<"GetInfo"> | undefined,
  name: CommandName,
  input: Uint8Array,
): Property | undefined {
  if (book.figures.phase !== "active" || info === undefined) return undefined;
  const decoded = decodeInput(name, input);
  if (!decoded.ok) return undefined;
  if (name === "Withdraw") {
    const { amount } = decoded.value as Input<"Withdraw">;
    const isPossible = amount <= book.figures.balance && book.figures.unacknowledged.length < 4;
    return isPossible ? "online redeemability" : undefined;
  }
  if (name === "Collect") return mustCollect(books, book, info, decoded.value as Input<"Collect">);
  if (name === "Pay") return mustPay(books, book, info, decoded.value as Input<"Pay">);
  return undefined;
}

function mustCollect(
  books: Books,
  { id, home, figures }: TaBook,
  { time }: Output<"GetInfo">,
  { payment: bytes }: Input<"Collect">,
): Property | undefined {
  const known = paymentIn(books, bytes);
  if (known === undefined || known.receiver !== id || known.toWallet) return undefined;
  const isOpen = figures.open.includes(known.r) && books.requestOf(known)?.end === "open";
  const parsed = payment.parse(bytes);
  const isWhole = parsed.ok && isCertified(books, parsed.value, home, time - GRACE);
  return isOpen && isWhole ? "offline verifiability" : undefined;
}

function mustPay(
  books: Books,
  { id, home, figures }: TaBook,
  { exp, time }: Output<"GetInfo">,
  { request: bytes, hint }: Input<"Pay">,
): Property | undefined {
  const asked = requestIn(books, bytes);
  if (asked === undefined || asked.payee === id) return undefined;
  const now = Math.max(time, hint);
  if (now > exp || now > (asked.expires ?? Infinity)) return undefined;
  if (asked.amount > TIGHT.maxPayment) return undefined;
  if (asked.amount > figures.balance || figures.unsettled.length >= 16) return undefined;
  const parsed = paymentRequest.parse(bytes);
  const isWhole = parsed.ok && isCertified(books, parsed.value, home, now);
  return isWhole ? "offline transitivity" : undefined;
}

/** The certificate that came along was issued as it is, by the own provider or with its chain beside it. */
function isCertified(
  books: Books,
  { certificate, chain }: { certificate?: Uint8Array; chain?: Chain },
  home: string,
  now: number,
): boolean {
  if (certificate === undefined) return false;
  const known = books.certificates.get(toHex(certificate));
  if (known === undefined || now > known.exp) return false;
  if (chain === undefined) return known.iss === home;
  return books.chains.get(known.iss) === chain.map(toHex).join();
}
