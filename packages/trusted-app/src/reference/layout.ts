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
import type { OpenRequest, Outcome, Payment } from "../outcomes/index.ts";
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
import { PHASES, type PendingWithdrawal, type TaState } from "./state.ts";

/** The state has this size for ever, however much money has moved. */
export const STATE_SIZE = 4184;
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
  exp: [376, u32],
  serial: [380, u32],
  providerKey: [384, idBytes<CompressedKey>(33)],
  providerKid: [424, idBytes<KeyId>(8)],
  balance: [432, u64],
  limits: [440, limits],
  windowCount: [488, u32],
  time: [492, u32],
  windowValue: [496, u64],
  d: [504, u32],
  w: [508, u32],
  j: [512, u32],
  r: [516, u32],
  depositDigest: [520, hexBytes(32)],
  reserved: [552, u64],
  deposited: [560, u64],
  withdrawn: [568, u64],
  paid: [576, u64],
  collected: [584, u64],
  head: [592, hexBytes(32)],
  syncNonce: [624, hexBytes(16)],
  syncCount: [640, u32],
  syncValue: [648, u64],
  pinSalt: [656, hexBytes(16)],
  pinDigest: [672, hexBytes(32)],
  pinAllowance: [704, u64],
  noPinSpent: [712, u64],
  withdrawals: [728, slots<PendingWithdrawal>(720, 80, withdrawal)],
  payments: [1048, slots<Payment>(721, 128, payment)],
  requests: [3096, slots<OpenRequest>(722, 24, request)],
  outcomes: [3288, slots<Outcome>(723, 56, outcome)],
});

export function encodeState(value: TaState): Uint8Array {
  const bytes = new Uint8Array(STATE_SIZE);
  state.write(new DataView(bytes.buffer), 0, { ...value, version: STATE_VERSION });
  return bytes;
}

/** The state that `encodeState` wrote. Anything else is a fault of the trusted OS and throws. */
export function decodeState(bytes: Uint8Array): TaState {
  if (bytes.length !== STATE_SIZE) throw new RangeError(`state: ${bytes.length} bytes`);
  const { version, ...value } = state.read(new DataView(bytes.buffer, bytes.byteOffset), 0);
  if (version !== STATE_VERSION) throw new RangeError(`state: version ${version}`);
  return value;
}

/** What a TA knows before `Init`: nothing. */
export const BLANK: TaState = decodeState(
  Uint8Array.from({ length: STATE_SIZE }, (_, i) => (i === 0 ? STATE_VERSION : 0)),
);

function latin(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function fromLatin(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
