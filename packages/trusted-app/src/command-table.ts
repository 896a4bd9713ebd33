import {
  array,
  bool,
  bytes,
  field,
  fromHex,
  mapped,
  MAX_CERTIFICATE,
  MAX_MESSAGE,
  named,
  text,
  toHex,
  tuple,
  tupleWithLast,
  uint,
  type AnySchema,
  type Currency,
  type Infer,
  type InstitutionId,
  type Schema,
  type TaId,
} from "@bezant/protocol";

type Places = Readonly<Record<string, AnySchema>>;
type Named<P extends Places> = { readonly [N in keyof P]: Infer<P[N]> };

/** A CBOR array whose places the code calls by name. */
function places<const P extends Places>(schemas: P): Schema<Named<P>> {
  const names = Object.keys(schemas);
  return mapped(
    tuple(...Object.values(schemas)),
    (values) => Object.fromEntries(names.map((name, i) => [name, values[i]])) as Named<P>,
    (value) => names.map((name) => value[name]),
  );
}

const message = bytes(0, MAX_MESSAGE);

/** The same, with a chunk of the counterparty's status list at its end, if there is one (§18). */
function withStatus<const P extends Places>(
  schemas: P,
): Schema<Named<P> & { readonly status?: Uint8Array | undefined }> {
  const names = Object.keys(schemas);
  type Value = Named<P> & { readonly status?: Uint8Array | undefined };
  return mapped(
    tupleWithLast(Object.values(schemas), message),
    ([values, status]) => {
      const found = Object.fromEntries(names.map((name, i) => [name, values[i]]));
      return (status === undefined ? found : { ...found, status }) as Value;
    },
    (value) => [names.map((name) => value[name]), value.status] as const,
  );
}

const certificate = bytes(0, MAX_CERTIFICATE);
const certification = places({
  certificate,
  chain: tuple(certificate, certificate),
  limitsProfile: message,
});
const pin = bytes(4, 12);
const none = places({});

const info = places({
  phase: named({ blank: 0, initialised: 1, active: 2, retired: 3 }),
  /** Empty before `Init`. */
  id: mapped(bytes(0, 32), idOrNone, fromHex),
  /** The home provider; it and what follows are empty or 0 before `CertInit`. */
  home: text<InstitutionId | "">(8, /^[a-z0-9-]*$/),
  currency: text<Currency | "">(3, /^(?:[A-Z]{3})?$/),
  exp: field.seconds,
  serial: uint(),
  balance: field.balance,
  reserved: field.balance,
  d: field.counter,
  w: field.counter,
  j: field.counter,
  r: field.counter,
  /** Indexes j of the payments in the outbox. */
  unsettled: array(field.counter, { max: 16 }),
  /** Numbers w of the withdrawals in the outbox. */
  unacknowledged: array(field.counter, { max: 4 }),
  /** Numbers r of the open requests. */
  open: array(field.counter, { max: 8 }),
  time: field.seconds,
  pinTries: uint(5),
  pinSet: bool(),
});

type Command = {
  readonly number: number;
  readonly input: AnySchema;
  /** Absent where the output is an encoded message as it stands. */
  readonly output?: AnySchema;
};

/** Every command of the TA: its number, its input, and its output unless that is a message. */
export const COMMANDS = {
  Init: {
    number: 1,
    input: places({ anchor: bytes(33) }),
    output: places({ vk: bytes(33), id: field.taId }),
  },
  Attest: { number: 2, input: places({ audience: field.institutionId, nonce: field.nonce }) },
  CertInit: { number: 3, input: certification, output: none },
  Renew: { number: 4, input: certification, output: none },
  ReserveDeposit: { number: 5, input: places({ amount: field.amount }) },
  Deposit: {
    number: 6,
    input: places({ confirmation: message }),
    output: places({ balance: field.balance }),
  },
  Withdraw: { number: 7, input: places({ amount: field.amount }) },
  AckWithdraw: {
    number: 8,
    input: places({ acknowledgement: message }),
    output: places({ w: field.counter }),
  },
  /** `expires` 0: no end; `replaces` 0: an additional request. */
  RequestPayment: {
    number: 9,
    input: places({ amount: field.amount, expires: field.seconds, replaces: field.counter }),
  },
  CancelRequest: { number: 10, input: places({ r: field.counter }) },
  /** `hint` is the wallet's clock; it can only make the TA stricter. */
  Pay: { number: 11, input: withStatus({ request: message, hint: field.seconds }) },
  Collect: { number: 12, input: withStatus({ payment: message }) },
  Settle: { number: 13, input: places({ outcome: message }), output: none },
  Release: { number: 14, input: places({ outcome: message }), output: none },
  Resend: {
    number: 15,
    input: places({
      kind: named({ payment: 0, withdrawal: 1, outcome: 2, request: 3 }),
      n: field.counter,
    }),
  },
  GetBalance: { number: 16, input: places({ nonce: field.nonce }) },
  SyncRequest: { number: 17, input: none },
  Sync: { number: 18, input: places({ response: message }), output: none },
  PinBegin: { number: 19, input: none, output: places({ tries: uint(5) }) },
  PinVerify: { number: 20, input: places({ pin, allowance: field.balance }), output: none },
  SetPin: { number: 21, input: places({ pin }), output: none },
  Retire: { number: 22, input: none },
  GetInfo: { number: 23, input: none, output: info },
} as const satisfies Record<string, Command>;

function idOrNone(id: Uint8Array): TaId | "" | undefined {
  return id.length === 0 || id.length === 32 ? (toHex(id) as TaId | "") : undefined;
}
