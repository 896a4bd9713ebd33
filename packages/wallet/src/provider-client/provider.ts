import {
  claimAnswer,
  concatBytes,
  decode,
  decodeSequence,
  err,
  isCurrency,
  isInstitutionId,
  isKeyId,
  isRefusalCode,
  isSeconds,
  isTaId,
  isWalletId,
  MAX_BATCH,
  MAX_MESSAGE,
  ok,
  refusal,
  registrationAnswer,
  taRegistrationAnswer,
  type Chain,
  type Counter,
  type Infer,
  type InstitutionId,
  type Result,
  type Schema,
  type TaId,
  type WalletId,
} from "@bezant/protocol";
import { walletRefusal } from "../refusals.ts";
import { JSON_MEDIA, send, type Call, type Media, type ProviderRefusal, type Way } from "./http.ts";
import {
  amount,
  boolean,
  counter,
  hexBytes,
  integer,
  is,
  list,
  object,
  oneOf,
  orElse,
  readJson,
  string,
  type Reader,
} from "./json.ts";

export type Answer<T> = Promise<Result<T, ProviderRefusal>>;

const COSE = "application/cose";
const CBOR = "application/cbor";
const SEQUENCE = "application/cbor-seq";
const MAX_JSON = 1 << 20;
/** Chunks of a status list: of more than a hundred million certificates, one in a thousand revoked. */
const MAX_STATUS = 1024;
/** Confirmations in one answer. */
const MAX_CONFIRMATIONS = 4096;
/** Of institutions, one for each issuer. */
const MAX_LISTS = 64;

const info = object({
  provider: is(isInstitutionId),
  currency: is(isCurrency),
  chain: list(hexBytes, 2),
  rootKeyId: is(isKeyId),
});
const kept = object({ kept: string });
const revoked = object({ kind: oneOf("revoke"), epoch: string });
const challenge = object({ nonce: hexBytes, expires: integer(isSeconds) });
const token = object({ token: string, expires: integer(isSeconds) });
const receipt = object({
  receiver: is(isWalletId),
  amount,
  status: orElse(oneOf("pending", "settled", "returned"), "settled" as const),
  reason: orElse(string, null),
  sequence: string,
  at: integer(isSeconds),
});
const retirementReceipt = object({ ta: is(isTaId), d: counter, returned: amount });
const taBalance = object({
  ta: is(isTaId),
  status: string,
  d: counter,
  w: counter,
  stored: counter,
  mustSync: boolean,
});
const balance = object({
  status: string,
  online: amount,
  suspense: amount,
  tas: list(taBalance, 1000),
});
const transfer = object({
  sequence: string,
  operation: string,
  party: string,
  reference: string,
  debit: string,
  credit: string,
  amount,
  at: integer(isSeconds),
});
const history = object({ entries: list(transfer, 1000), before: orElse(string, null) });

type Read<R> = R extends Reader<infer T> ? T : never;
export type Receipt = Read<typeof receipt>;
export type RetirementReceipt = Read<typeof retirementReceipt>;
export type OnlineBalance = Read<typeof balance>;
export type OnlineTransfer = Read<typeof transfer>;
export type ReadToken = Read<typeof token>;

export type ProviderInfo = Omit<Read<typeof info>, "chain"> & { readonly chain: Chain };

/** Who the provider says it is; nothing is verified yet. */
export async function providerInfo(way: Way): Answer<ProviderInfo> {
  const read = await getJson(way, "/v1/provider", info);
  if (!read.ok) return read;
  const [provider, intermediary] = read.value.chain;
  if (provider === undefined || intermediary === undefined) return unreadable("a chain of one");
  return ok({ ...read.value, chain: [provider, intermediary] });
}

/** Figure 2. */
export function postRegistration(
  way: Way,
  body: Uint8Array,
): Answer<Infer<typeof registrationAnswer>> {
  return postFor(way, "/v1/clients", COSE, body, registrationAnswer);
}

/** Every payment's outcome, or why there is none, in the order of the payments. */
export type ClaimAnswer = Result<Uint8Array, ProviderRefusal>;

/** The provider's interface (protocol document §14) as one of its clients uses it. Messages are bytes, and unverified. */
export type ProviderClient = {
  readonly challenge: (purpose: "attest" | "token") => Answer<Uint8Array>;
  readonly registerTa: (message: Uint8Array) => Answer<Infer<typeof taRegistrationAnswer>>;
  readonly deposit: (message: Uint8Array) => Answer<readonly Uint8Array[]>;
  readonly withdraw: (message: Uint8Array) => Answer<Uint8Array>;
  readonly refund: (payment: Uint8Array, outcome: Uint8Array) => Answer<Uint8Array>;
  readonly claim: (payment: Uint8Array) => Answer<Uint8Array>;
  readonly claimMany: (payments: readonly Uint8Array[]) => Answer<readonly ClaimAnswer[]>;
  readonly decline: (message: Uint8Array) => Answer<Uint8Array>;
  readonly payOnline: (message: Uint8Array) => Answer<Receipt>;
  readonly sync: (messages: readonly Uint8Array[]) => Answer<Uint8Array>;
  /** The provider's whole status list. */
  readonly statusList: () => Answer<readonly Uint8Array[]>;
  /** Hands over chunks of other providers' lists. */
  readonly giveStatus: (chunks: readonly Uint8Array[]) => Answer<unknown>;
  /** Status lists of institutions: brings these, gets the newest. */
  readonly exchangeLists: (lists: readonly Uint8Array[]) => Answer<readonly Uint8Array[]>;
  readonly retire: (message: Uint8Array) => Answer<RetirementReceipt>;
  readonly reportLost: (message: Uint8Array) => Answer<unknown>;
  readonly token: (message: Uint8Array) => Answer<ReadToken>;
  /** @param at the payee's provider, where it is another one */
  readonly outcome: (
    token: string,
    sender: TaId,
    j: Counter,
    at: InstitutionId | undefined,
  ) => Answer<Uint8Array>;
  readonly balance: (token: string) => Answer<OnlineBalance>;
  readonly history: (
    token: string,
    before?: string,
  ) => Answer<{ readonly entries: readonly OnlineTransfer[]; readonly before: string | null }>;
};

export function providerClient(way: Way, client: WalletId): ProviderClient {
  const own = `/v1/clients/${client}`;
  const post = (path: string, body: Uint8Array, answers: Media = COSE, limit = MAX_MESSAGE) =>
    send(way, { path: own + path, body: { media: COSE, bytes: body }, answers, limit });
  const postMany = (path: string, bodies: readonly Uint8Array[]) =>
    send(way, {
      path: own + path,
      body: { media: SEQUENCE, bytes: concatBytes(...bodies) },
      answers: COSE,
      limit: MAX_MESSAGE,
    });
  return {
    challenge: async (purpose) => {
      const bytes = new TextEncoder().encode(JSON.stringify({ purpose }));
      const body = { media: JSON_MEDIA, bytes } as const;
      const made = await callJson(way, { path: `${own}/challenges`, body }, challenge);
      return made.ok ? ok(made.value.nonce) : made;
    },
    registerTa: (message) => postFor(way, `${own}/tas`, COSE, message, taRegistrationAnswer),
    deposit: async (message) => {
      const limit = MAX_CONFIRMATIONS * MAX_MESSAGE;
      const answer = await post("/deposits", message, SEQUENCE, limit);
      return answer.ok ? splitSequence(answer.value, MAX_CONFIRMATIONS) : answer;
    },
    withdraw: (message) => post("/withdrawals", message),
    refund: (payment, outcome) => postMany("/refunds", [payment, outcome]),
    claim: (payment) => post("/claims", payment),
    claimMany: (payments) => claimMany(way, payments),
    decline: (message) => post("/declines", message),
    payOnline: (message) => postForJson(way, `${own}/payments`, message, receipt),
    sync: (messages) => postMany("/syncs", messages),
    statusList: async () => {
      const limit = MAX_STATUS * MAX_MESSAGE;
      const answer = await send(way, { path: "/v1/status", answers: SEQUENCE, limit });
      return answer.ok ? splitSequence(answer.value, MAX_STATUS) : answer;
    },
    giveStatus: (chunks) => {
      const body = { media: SEQUENCE, bytes: concatBytes(...chunks) } as const;
      return callJson(way, { path: "/v1/status", body }, kept);
    },
    exchangeLists: async (lists) => {
      const answer = await send(way, {
        path: "/v1/institutions",
        body: { media: SEQUENCE, bytes: concatBytes(...lists) },
        answers: SEQUENCE,
        limit: MAX_LISTS * MAX_MESSAGE,
      });
      return answer.ok ? splitSequence(answer.value, MAX_LISTS) : answer;
    },
    retire: (message) => postForJson(way, `${own}/retirements`, message, retirementReceipt),
    reportLost: (message) => postForJson(way, `${own}/revocations`, message, revoked),
    token: (message) => postForJson(way, `${own}/tokens`, message, token),
    outcome: (bearer, sender, j, at) =>
      send(way, {
        path: `${own}/outcomes/${sender}/${j}${at === undefined ? "" : `?provider=${at}`}`,
        token: bearer,
        answers: COSE,
        limit: MAX_MESSAGE,
      }),
    balance: (bearer) => callJson(way, { path: `${own}/balance`, token: bearer }, balance),
    history: (bearer, before) => {
      const query = before === undefined ? "" : `?before=${encodeURIComponent(before)}`;
      return callJson(way, { path: `${own}/history${query}`, token: bearer }, history);
    },
  };
}

async function claimMany(
  way: Way,
  payments: readonly Uint8Array[],
): Answer<readonly ClaimAnswer[]> {
  const answer = await send(way, {
    path: "/v1/claims",
    body: { media: SEQUENCE, bytes: concatBytes(...payments) },
    answers: SEQUENCE,
    limit: MAX_BATCH * (MAX_MESSAGE + 16),
  });
  if (!answer.ok) return answer;
  const items = splitSequence(answer.value, payments.length);
  if (!items.ok) return items;
  if (items.value.length !== payments.length) return unreadable("answers are missing");
  const answers: ClaimAnswer[] = [];
  for (const item of items.value) {
    const read = decode(claimAnswer, item);
    if (!read.ok) return unreadable("a claim's answer");
    answers.push(toClaimAnswer(read.value));
  }
  return ok(answers);
}

function toClaimAnswer({ kind, value }: Infer<typeof claimAnswer>): ClaimAnswer {
  if (kind === "outcome") return ok(value);
  return err(isRefusalCode(value) ? refusal(value) : walletRefusal("provider-refused", value));
}

function splitSequence(
  bytes: Uint8Array,
  maxItems: number,
): Result<readonly Uint8Array[], ProviderRefusal> {
  const items = decodeSequence(bytes, { maxItems, maxItemSize: MAX_MESSAGE + 16 });
  return items.ok ? items : unreadable(items.error.code);
}

async function postFor<T>(
  way: Way,
  path: string,
  media: Media,
  bytes: Uint8Array,
  schema: Schema<T>,
): Answer<T> {
  const limit = schema.maxSize;
  const answer = await send(way, { path, body: { media, bytes }, answers: CBOR, limit });
  if (!answer.ok) return answer;
  const read = decode(schema, answer.value);
  return read.ok ? read : unreadable(read.error.code);
}

function postForJson<T>(way: Way, path: string, bytes: Uint8Array, reader: Reader<T>): Answer<T> {
  return callJson(way, { path, body: { media: COSE, bytes } }, reader);
}

function getJson<T>(way: Way, path: string, reader: Reader<T>): Answer<T> {
  return callJson(way, { path }, reader);
}

async function callJson<T>(
  way: Way,
  call: Omit<Call, "answers" | "limit">,
  reader: Reader<T>,
): Answer<T> {
  const answer = await send(way, { ...call, answers: JSON_MEDIA, limit: MAX_JSON });
  if (!answer.ok) return answer;
  const read = readJson(answer.value, reader);
  return read === undefined ? unreadable("JSON") : ok(read);
}

function unreadable(detail: string): Result<never, ProviderRefusal> {
  return err(walletRefusal("provider-unreadable", detail));
}
