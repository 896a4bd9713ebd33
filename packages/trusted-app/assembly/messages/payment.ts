import { readAmount, readFixed, readKey, readMap, readU32, readUint } from "../cbor/reader";
import { writeBytes, writeMap, writeUint } from "../cbor/writer";
import { ID_SIZE } from "../cose/key";
import { closeMessage, message, openMessage } from "../cose/message";
import { endPayload, startPayload } from "../cose/outgoing";
import { Typ } from "../cose/typ";
import { Payment } from "../state/payments";
import { Status } from "../status";
import { CHALLENGE_SIZE } from "./payment-request";

export const BASIC: u32 = 0;
const CONDITIONAL: u32 = 1;

/** P of Figure 7, as received. */
@unmanaged
class ReceivedPayment {
  amount: u64;
  receiver: usize;
  receiverClass: u32;
  index: u32;
  r: u32;
  challenge: usize;
  type: u32;
}

export const payment = changetype<ReceivedPayment>(memory.data(offsetof<ReceivedPayment>(), 8));

export function readPayment(at: usize, length: u32): Status {
  const opened = openMessage(message, at, length, Typ.Payment);
  if (opened != Status.Ok) return opened;
  readMap(8, 8);
  readKey(1);
  payment.amount = readAmount();
  readKey(2);
  payment.receiver = readFixed(ID_SIZE);
  readKey(3);
  payment.receiverClass = <u32>readUint(0, 1);
  readKey(4);
  payment.index = readU32();
  readKey(5);
  payment.r = readU32();
  readKey(6);
  payment.challenge = readFixed(CHALLENGE_SIZE);
  readKey(7);
  readU32();
  readKey(8);
  payment.type = <u32>readUint(BASIC, CONDITIONAL);
  return closeMessage(message, false);
}

export function writePayment(sent: Payment): void {
  startPayload();
  writeMap(8);
  writeUint(1);
  writeUint(sent.amount);
  writeUint(2);
  writeBytes(sent.payee, ID_SIZE);
  writeUint(3);
  writeUint(sent.payeeClass);
  writeUint(4);
  writeUint(sent.j);
  writeUint(5);
  writeUint(sent.r);
  writeUint(6);
  writeBytes(sent.challenge, CHALLENGE_SIZE);
  writeUint(7);
  writeUint(sent.time);
  writeUint(8);
  writeUint(BASIC);
  endPayload(Typ.Payment);
}
