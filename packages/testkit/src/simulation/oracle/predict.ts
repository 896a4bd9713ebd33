// What a command may do to a TA, by the protocol document's §13.2 and the oracle's own books.
import {
  depositConfirmation,
  outcome,
  parseCertificate,
  payment,
  paymentRequest,
  subjectId,
  syncResponse,
  taIdOf,
  toHex,
  withdrawalAcknowledgement,
} from "@bezant/protocol";
import { decodeInput, type CommandName, type Input } from "@bezant/trusted-app/commands";
import {
  numbered,
  markOf,
  type Books,
  type RequestEntry,
  type TaBook,
  type TaFigures,
} from "./books.ts";

/** The figures after the command, if it does what it was given for. */
export type Prediction = {
  readonly figures: TaFigures;
  /** What the oracle books if the TA did it. */
  readonly effect?: Effect;
};

export type Effect =
  | { readonly kind: "init" }
  | { readonly kind: "deposit"; readonly d: number }
  | { readonly kind: "withdraw"; readonly amount: bigint }
  | { readonly kind: "request"; readonly replaced: number }
  | { readonly kind: "void"; readonly r: number }
  | { readonly kind: "pay"; readonly request: RequestEntry }
  | { readonly kind: "collect"; readonly payment: string }
  | { readonly kind: "release"; readonly j: number };

const NO_INPUT = new Set<CommandName>(["Attest", "ReserveDeposit", "GetBalance", "SyncRequest"]);

/** Undefined: it may not change anything. */
export function predict(
  books: Books,
  book: TaBook,
  name: CommandName,
  input: Uint8Array,
): Prediction | undefined {
  const { figures } = book;
  if (NO_INPUT.has(name) || name.startsWith("Pin") || name === "SetPin") return { figures };
  const decoded = decodeInput(name, input);
  if (!decoded.ok) return undefined;
  const predicting = PREDICT[name] as Untyped | undefined;
  return predicting?.(books, book, decoded.value);
}

/** The name has said which input it is. */
type Untyped = (books: Books, book: TaBook, input: unknown) => Prediction | undefined;

type Predicting<N extends CommandName> = (
  books: Books,
  book: TaBook,
  input: Input<N>,
) => Prediction | undefined;

const PREDICT: { readonly [N in CommandName]?: Predicting<N> } = {
  Init: (_, { figures }) =>
    figures.phase === "active"
      ? undefined
      : {
          figures: { ...figures, phase: "initialised", balance: 0n, d: 0, w: 0, j: 0, r: 0 },
          effect: { kind: "init" },
        },
  CertInit: (_, { figures }) =>
    figures.phase === "initialised" ? { figures: { ...figures, phase: "active" } } : undefined,
  Renew: (_, { figures }) => ({ figures }),
  Resend: (_, { figures }) => ({ figures }),
  Deposit: deposit,
  Withdraw: (_, { figures }, { amount }) => {
    const { balance, w, unacknowledged } = figures;
    if (amount > balance || unacknowledged.length >= 4) return undefined;
    const next = { w: w + 1, balance: balance - amount };
    return {
      figures: { ...figures, ...next, unacknowledged: [...unacknowledged, w + 1] },
      effect: { kind: "withdraw", amount },
    };
  },
  AckWithdraw: (_, book, { acknowledgement }) => {
    const parsed = withdrawalAcknowledgement.parse(acknowledgement);
    return parsed.ok ? { figures: withoutCredited(book, parsed.value.payload.w) } : undefined;
  },
  RequestPayment: (_, { figures }, { replaces }) => {
    const open = figures.open.filter((r) => r !== replaces);
    const r = figures.r + 1;
    return {
      figures: { ...figures, r, open: [...open, r] },
      effect: { kind: "request", replaced: replaces },
    };
  },
  CancelRequest: (_, { figures }, { r }) =>
    figures.open.includes(r)
      ? {
          figures: { ...figures, open: figures.open.filter((one) => one !== r) },
          effect: { kind: "void", r },
        }
      : undefined,
  Pay: pay,
  Collect: collect,
  Settle: settle,
  Release: release,
  Sync: (_, book, { response }) => {
    const parsed = syncResponse.parse(response);
    if (!parsed.ok) return undefined;
    const { w, stored } = parsed.value.payload;
    const figures = withoutCredited(book, w);
    return {
      figures: { ...figures, unsettled: figures.unsettled.filter((j) => j > stored) },
    };
  },
  Retire: (_, { figures }) => {
    const { balance, unsettled, unacknowledged, open } = figures;
    const isEmpty = [unsettled, unacknowledged, open].every((list) => list.length === 0);
    return balance === 0n && isEmpty ? { figures: { ...figures, phase: "retired" } } : undefined;
  },
};

function deposit(
  books: Books,
  { id, figures }: TaBook,
  { confirmation }: Input<"Deposit">,
): Prediction | undefined {
  const parsed = depositConfirmation.parse(confirmation);
  if (!parsed.ok || id === undefined) return undefined;
  const { d, amount, kind, j } = parsed.value.payload;
  const issued = books.confirmationsOf(id)[d - 1];
  if (issued?.amount !== amount || issued.kind !== kind || issued.j !== j) return undefined;
  if (d !== figures.d + 1) return d === figures.d ? { figures } : undefined;
  const next = { d, balance: figures.balance + amount };
  const after = { ...(j === undefined ? figures : without(figures, j)), ...next };
  return { figures: after, effect: { kind: "deposit", d } };
}

function pay(
  books: Books,
  { id, figures }: TaBook,
  { request }: Input<"Pay">,
): Prediction | undefined {
  const asked = requestIn(books, request);
  if (asked === undefined || id === undefined) return undefined;
  const isPaid = figures.unsettled.some((j) => {
    const known = books.payments.get(numbered(id, j));
    return known?.receiver === asked.payee && known.challenge === asked.challenge;
  });
  if (isPaid) return { figures };
  if (asked.amount > figures.balance) return undefined;
  const j = figures.j + 1;
  return {
    figures: {
      ...figures,
      j,
      balance: figures.balance - asked.amount,
      unsettled: [...figures.unsettled, j],
    },
    effect: { kind: "pay", request: asked },
  };
}

/** The request that these bytes are, if somebody has signed it. */
export function requestIn(books: Books, bytes: Uint8Array) {
  const parsed = paymentRequest.parse(bytes);
  if (!parsed.ok || parsed.value.certificate === undefined) return undefined;
  const certificate = parseCertificate(parsed.value.certificate);
  if (!certificate.ok) return undefined;
  const { r, challenge } = parsed.value.payload;
  const known = books.request(subjectId(certificate.value), r, toHex(challenge));
  return known?.mark === markOf(parsed.value) ? known : undefined;
}

/** The payment that these bytes are, if a TA has signed it. */
export function paymentIn(books: Books, bytes: Uint8Array) {
  const parsed = payment.parse(bytes);
  if (!parsed.ok || parsed.value.certificate === undefined) return undefined;
  const certificate = parseCertificate(parsed.value.certificate);
  if (!certificate.ok) return undefined;
  const sender = taIdOf(certificate.value.key);
  const known = books.payments.get(numbered(sender, parsed.value.payload.j));
  return known?.mark === markOf(parsed.value) ? known : undefined;
}

/** The payment that these bytes are to a provider, which knows the keys of its own TAs: the certificate beside it is no matter. */
export function ownPaymentIn(books: Books, bytes: Uint8Array) {
  const parsed = payment.parse(bytes);
  return parsed.ok ? books.paymentsByMark.get(markOf(parsed.value)) : undefined;
}

function collect(
  books: Books,
  { id, figures }: TaBook,
  { payment: bytes }: Input<"Collect">,
): Prediction | undefined {
  const known = paymentIn(books, bytes);
  if (known === undefined || known.receiver !== id || known.toWallet) return undefined;
  const request = books.requestOf(known);
  if (typeof request?.end === "object" && request.end.collected === known.key) return { figures };
  if (!figures.open.includes(known.r)) return undefined;
  if (request?.amount !== known.amount) return undefined;
  const open = figures.open.filter((r) => r !== known.r);
  return {
    figures: { ...figures, open, balance: figures.balance + known.amount },
    effect: { kind: "collect", payment: known.key },
  };
}

/** A payment leaves the outbox only once it has ended for good. */
function settle(
  books: Books,
  { id, figures }: TaBook,
  { outcome: bytes }: Input<"Settle">,
): Prediction | undefined {
  const parsed = outcome.parse(bytes);
  if (!parsed.ok || id === undefined) return undefined;
  const { payload } = parsed.value;
  if (!("sender" in payload) || payload.sender !== id) return undefined;
  const known = books.payments.get(numbered(id, payload.j));
  const wanted = payload.kind === "collected" || payload.kind === "claimed" ? payload.kind : "";
  if (known === undefined || known.end !== wanted) return undefined;
  return { figures: without(figures, known.j) };
}

/** The payee's wallet says that it has the payment. */
function release(
  books: Books,
  { id, figures }: TaBook,
  { outcome: bytes }: Input<"Release">,
): Prediction | undefined {
  const parsed = outcome.parse(bytes);
  if (!parsed.ok || parsed.value.payload.kind !== "received" || id === undefined) return undefined;
  const { sender, j } = parsed.value.payload;
  const known = sender === id ? books.payments.get(numbered(id, j)) : undefined;
  const isFull = figures.unsettled.length === 16;
  if (!isFull || !figures.unsettled.includes(j) || known?.isReceived !== true) return undefined;
  return { figures: without(figures, j), effect: { kind: "release", j } };
}

function without(figures: TaFigures, j: number): TaFigures {
  return { ...figures, unsettled: figures.unsettled.filter((one) => one !== j) };
}

function withoutCredited({ figures }: TaBook, w: number): TaFigures {
  return { ...figures, unacknowledged: figures.unacknowledged.filter((one) => one > w) };
}
