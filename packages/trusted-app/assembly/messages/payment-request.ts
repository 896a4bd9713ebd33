import { readAmount, readFixed, readKey, readMap, readU32 } from "../cbor/reader";
import { writeBytes, writeMap, writeUint } from "../cbor/writer";
import { closeMessage, message, openMessage } from "../cose/message";
import { endPayload, startPayload } from "../cose/outgoing";
import { Typ } from "../cose/typ";
import { Request } from "../state/requests";
import { Status } from "../status";

export const CHALLENGE_SIZE: u32 = 8;

/** `payment-request = { 1: amount, 2: u32, 3: challenge, ? 4: seconds }`, as received. */
@unmanaged
class PaymentRequest {
  amount: u64;
  r: u32;
  challenge: usize;
  hasExpiry: bool;
  expires: u32;
}

export const paymentRequest = changetype<PaymentRequest>(
  memory.data(offsetof<PaymentRequest>(), 8),
);

export function readPaymentRequest(at: usize, length: u32): Status {
  const opened = openMessage(message, at, length, Typ.PaymentRequest);
  if (opened != Status.Ok) return opened;
  const entries = readMap(3, 4);
  readKey(1);
  paymentRequest.amount = readAmount();
  readKey(2);
  paymentRequest.r = readU32();
  readKey(3);
  paymentRequest.challenge = readFixed(CHALLENGE_SIZE);
  paymentRequest.hasExpiry = entries == 4;
  if (paymentRequest.hasExpiry) {
    readKey(4);
    paymentRequest.expires = readU32();
  }
  return closeMessage(message, false);
}

export function writePaymentRequest(request: Request): void {
  startPayload();
  writeMap(request.expires == 0 ? 3 : 4);
  writeUint(1);
  writeUint(request.amount);
  writeUint(2);
  writeUint(request.r);
  writeUint(3);
  writeBytes(request.challenge, CHALLENGE_SIZE);
  if (request.expires != 0) {
    writeUint(4);
    writeUint(request.expires);
  }
  endPayload(Typ.PaymentRequest);
}
