import { finished, readArray, readFixed } from "../cbor/reader";
import {
  startWriting,
  writeArray,
  writeBool,
  writeBytes,
  writeMap,
  writeText,
  writeUint,
  written,
} from "../cbor/writer";
import { ID_SIZE } from "../cose/key";
import { endPayload, outputMessage, signForHome, startPayload } from "../cose/outgoing";
import { Typ } from "../cose/typ";
import { OUTPUT, OUTPUT_CAPACITY, setOutputLength } from "../output";
import { paymentAt, paymentsCount } from "../state/payments";
import { requestAt, requestsCount } from "../state/requests";
import { Phase, T } from "../state/state";
import { withdrawalAt, withdrawalsCount } from "../state/withdrawals";
import { Status } from "../status";
import { checkInput } from "./input";

const NONCE_SIZE: u32 = 16;
const CURRENCY_SIZE: u32 = 3;

/** GetBalance: Figure 4, for the home provider alone. */
export function getBalance(): Status {
  readArray(1);
  const nonce = readFixed(NONCE_SIZE);
  const refused = checkInput(Phase.Active);
  if (refused != Status.Ok) return refused;

  // `signed-balance = { 1: nonce, 2: balance, 3: d, 4: w, 5: j }`
  startPayload();
  writeMap(5);
  writeUint(1);
  writeBytes(nonce, NONCE_SIZE);
  writeUint(2);
  writeUint(T.balance);
  writeUint(3);
  writeUint(T.d);
  writeUint(4);
  writeUint(T.w);
  writeUint(5);
  writeUint(T.j);
  endPayload(Typ.SignedBalance);
  outputMessage(signForHome(Typ.SignedBalance));
  return Status.Ok;
}

/** GetInfo: "works in every phase (zeros and empties before Init)". Unsigned: for the wallet's own eyes. */
export function getInfo(): Status {
  readArray(0);
  if (!finished()) return Status.Malformed;

  startWriting(OUTPUT, OUTPUT_CAPACITY);
  writeArray(18);
  writeUint(T.phase);
  writeBytes(T.id, T.phase == Phase.Blank ? 0 : ID_SIZE);
  writeText(T.home, T.homeLength);
  // Home and currency are set together.
  writeText(T.currency, T.homeLength == 0 ? 0 : CURRENCY_SIZE);
  writeUint(T.exp);
  writeUint(T.serial);
  writeUint(T.balance);
  writeUint(T.reserved);
  writeUint(T.d);
  writeUint(T.w);
  writeUint(T.j);
  writeUint(T.r);
  writeNumbers();
  writeUint(T.time);
  writeUint(T.pinTries);
  writeBool(T.pinSet);
  setOutputLength(written());
  return Status.Ok;
}

/** `[* j unsettled], [* w unacknowledged], [* r open]` */
function writeNumbers(): void {
  const payments = paymentsCount();
  writeArray(payments);
  for (let i: u32 = 0; i < payments; i++) writeUint(paymentAt(i).j);
  const withdrawals = withdrawalsCount();
  writeArray(withdrawals);
  for (let i: u32 = 0; i < withdrawals; i++) writeUint(withdrawalAt(i).w);
  const requests = requestsCount();
  writeArray(requests);
  for (let i: u32 = 0; i < requests; i++) writeUint(requestAt(i).r);
}
