import {
  bytes,
  field,
  hex,
  map,
  MAX_MESSAGE,
  named,
  optional,
  unwrap,
  paymentRequest,
  type Infer,
  type PayeeClass,
  type PayeeId,
  type Seconds,
} from "@bezant/protocol";
import { padded } from "../core/sequence.ts";
import { kind, put, remove, type Records } from "../store/records.ts";
import type { Change } from "../store/store.ts";

const request = map({
  payee: [1, hex<PayeeId>(32)],
  payeeClass: [2, named({ ta: 0, wallet: 1 })],
  r: [3, field.counter],
  amount: [4, field.amount],
  challenge: [5, field.challenge],
  expires: [6, optional(field.seconds)],
  at: [7, field.seconds],
  /** As it was signed, with the payee's certificate. */
  message: [8, bytes(0, MAX_MESSAGE)],
  /** How it ended; `paid` is a wallet's word, `collected` and `void` a TA's. */
  ended: [9, optional(named({ collected: 0, void: 1, paid: 2, cancelled: 3 }))],
  /** A TA's signed outcome. */
  outcome: [10, optional(bytes(0, MAX_MESSAGE))],
});
export type RequestRecord = Infer<typeof request>;

// Two kinds, so that the few open ones are found among the many: by `requestKey`.
const OPEN = kind("request", request);
const ENDED = kind("ended-request", request);

export function requestKey({ payee, r }: Pick<RequestRecord, "payee" | "r">): string {
  return `${payee}/${padded(r)}`;
}

export function openRequest(
  message: Uint8Array,
  payee: { readonly payee: PayeeId; readonly payeeClass: PayeeClass },
  at: Seconds,
): { readonly record: RequestRecord; readonly change: Change } {
  const { r, amount, challenge, expires } = unwrap(paymentRequest.parse(message)).payload;
  const end = expires === undefined ? {} : { expires };
  const record = { ...payee, r, amount, challenge, ...end, at, message };
  return { record, change: put(OPEN, requestKey(record), record) };
}

export function endRequest(
  record: RequestRecord,
  ended: NonNullable<RequestRecord["ended"]>,
  outcome?: Uint8Array,
): Change[] {
  const key = requestKey(record);
  const end = { ...record, ended, ...(outcome === undefined ? {} : { outcome }) };
  return [remove(OPEN, key), put(ENDED, key, end)];
}

/** A request of this wallet, open or ended. */
export async function findRequest(
  records: Records,
  of: Pick<RequestRecord, "payee" | "r">,
): Promise<RequestRecord | undefined> {
  const key = requestKey(of);
  return (await records.get(OPEN, key)) ?? (await records.get(ENDED, key));
}

export async function openRequests(
  records: Records,
  payee = "",
): Promise<readonly RequestRecord[]> {
  return (await records.list(OPEN, payee)).map(({ value }) => value);
}
