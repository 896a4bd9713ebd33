import {
  fromHex,
  toHex,
  type CompressedKey,
  type Currency,
  type InstitutionId,
  type KeyId,
  type Limits,
  type TaId,
} from "@bezant/protocol";
import { MAX_PAYMENTS, type OpenRequest, type Outcome, type Payment } from "../outcomes/index.ts";
import {
  as,
  flag,
  hexBytes,
  idBytes,
  oneOfNames,
  record,
  sized,
  slots,
  u16,
  u32,
  u64,
  u8,
} from "./codec.ts";
import {
  PHASES,
  type EpochPin,
  type PendingWithdrawal,
  type RevokedKey,
  type TaState,
} from "./state.ts";

const FIRST_PAYMENT = 2288;
const PAYMENT_SIZE = 128;
/** The state is never larger, however much money has moved. */
export const STATE_SIZE = FIRST_PAYMENT + MAX_PAYMENTS * PAYMENT_SIZE;
const STATE_VERSION = 1;

const NO_CURRENCY = "000000";
const NOBODY = "00".repeat(32);

const home = as(sized([6, u8], 106), (bytes) => latin(bytes) as InstitutionId, fromLatin);
const currency = as(
  hexBytes(3),
  (hex) => (hex === NO_CURRENCY ? "" : latin(fromHex(hex))) as Currency,
  (text) => (text === "" ? NO_CURRENCY : toHex(fromLatin(text))),
);
const limits = as(
  record({
    profile: [0, u32],
    version: [4, u32],
    maxHolding: [8, u64],
    maxPayment: [16, u64],
    maxCount: [24, u32],
    maxValue: [32, u64],
    noPinCap: [40, u64],
    uncheckedCap: [48, u64],
  }),
  (value) => value as Limits,
  (value) => value,
);
const withdrawal = record({ w: [0, u32], amount: [8, u64], signature: [16, hexBytes(64)] });
const payment = record({
  j: [0, u32],
  r: [4, u32],
  amount: [8, u64],
  payee: [16, hexBytes(32)],
  challenge: [48, hexBytes(8)],
  time: [56, u32],
  payeeClass: [60, oneOfNames(u8, ["ta", "wallet"])],
  signature: [64, hexBytes(64)],
});
const request = record({
  r: [0, u32],
  expires: [4, u32],
  amount: [8, u64],
  challenge: [16, hexBytes(8)],
});
/** A name of 8 characters at most, ended by zeros, which no name holds. */
const name = as(
  hexBytes(8),
  (hex) => latin(fromHex(hex).filter((byte) => byte !== 0)) as InstitutionId,
  (text) => toHex(fromLatin(text.padEnd(8, "\0"))),
);
const epoch = record({ issuer: [0, name], epoch: [8, u32] });
const revokedKey = record({ kid: [0, idBytes<KeyId>(8)], since: [8, u32] });

const outcome = as(
  record({
    r: [0, u32],
    kind: [4, oneOfNames(u32, ["collected", "void"])],
    amount: [8, u64],
    sender: [16, hexBytes(32)],
    index: [48, u32],
  }),
  ({ kind, r, amount, sender, index }): Outcome =>
    kind === "void" ? { kind, r, amount } : { kind, r, amount, sender, index },
  (value) => (value.kind === "void" ? { ...value, sender: NOBODY, index: 0 } : value),
);

/** docs/adr/0007: one fixed layout, so that two implementations can be compared byte for byte. */
const state = record({
  version: [0, u8],
  phase: [1, oneOfNames(u8, PHASES)],
  pinSet: [2, flag],
  pinPending: [3, flag],
  pinFresh: [4, flag],
  pinTries: [5, u8],
  home: [0, home],
  anchor: [8, idBytes<CompressedKey>(33)],
  vk: [41, idBytes<CompressedKey>(33)],
  id: [74, idBytes<TaId>(32)],
  currency: [114, currency],
  cert: [0, sized([118, u16], 120)],
  exp: [312, u32],
  serial: [316, u32],
  providerKey: [320, idBytes<CompressedKey>(33)],
  providerExp: [356, u32],
  providerKid: [360, idBytes<KeyId>(8)],
  balance: [368, u64],
  limits: [376, limits],
  windowCount: [432, u32],
  time: [436, u32],
  windowValue: [440, u64],
  d: [448, u32],
  w: [452, u32],
  j: [456, u32],
  r: [460, u32],
  depositDigest: [464, hexBytes(32)],
  reserved: [496, u64],
  deposited: [504, u64],
  withdrawn: [512, u64],
  paid: [520, u64],
  collected: [528, u64],
  head: [536, hexBytes(32)],
  syncNonce: [568, hexBytes(16)],
  syncCount: [584, u32],
  syncValue: [592, u64],
  pinSalt: [600, hexBytes(16)],
  pinDigest: [616, hexBytes(32)],
  pinAllowance: [648, u64],
  noPinSpent: [656, u64],
  uncheckedValue: [664, u64],
  syncUnchecked: [672, u64],
  epochs: [688, slots<EpochPin>(684, 12, epoch)],
  revokedKeys: [784, slots<RevokedKey>(685, 12, revokedKey)],
  withdrawals: [880, slots<PendingWithdrawal>(680, 80, withdrawal)],
  requests: [1200, slots<OpenRequest>(682, 24, request)],
  outcomes: [1392, slots<Outcome>(683, 56, outcome)],
  payments: [FIRST_PAYMENT, slots<Payment>(681, PAYMENT_SIZE, payment)],
});

export function encodeState(value: TaState): Uint8Array {
  const bytes = new Uint8Array(STATE_SIZE);
  state.write(new DataView(bytes.buffer), 0, { ...value, version: STATE_VERSION });
  return bytes.subarray(0, sizeOf(value.payments.length));
}

/** The state that `encodeState` wrote. Anything else is a fault of the trusted OS and throws. */
export function decodeState(bytes: Uint8Array): TaState {
  const whole = new Uint8Array(STATE_SIZE);
  if (bytes.length > STATE_SIZE) throw new RangeError(`state: ${bytes.length} bytes`);
  whole.set(bytes);
  const { version, ...value } = state.read(new DataView(whole.buffer), 0);
  if (version !== STATE_VERSION) throw new RangeError(`state: version ${version}`);
  if (bytes.length !== sizeOf(value.payments.length)) {
    throw new RangeError(`state: ${bytes.length} bytes`);
  }
  return value;
}

/** The outbox is the largest part and mostly almost empty, so the state ends behind its last payment. */
function sizeOf(payments: number): number {
  return FIRST_PAYMENT + payments * PAYMENT_SIZE;
}

/** What a TA knows before `Init`: nothing. */
export const BLANK: TaState = decodeState(
  Uint8Array.from({ length: FIRST_PAYMENT }, (_, i) => (i === 0 ? STATE_VERSION : 0)),
);

function latin(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function fromLatin(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
