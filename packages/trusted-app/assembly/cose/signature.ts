import { compare, isZero } from "../bytes";
import { startWriting, writeArray, writeBytes, writeText, written } from "../cbor/writer";
import { sign, verify } from "../tee";
import { context, contextLength } from "./context";
import { Message } from "./message";

export const SIGNATURE_SIZE: u32 = 64;

/** The order n of P-256 (SP 800-186 §3.2.1.3). */
const ORDER = memory.data<u8>([
  0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
  0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
]);
/** (n - 1) / 2 */
const HALF = memory.data<u8>([
  0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
  0xde, 0x73, 0x7d, 0x56, 0xd3, 0x8b, 0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8,
]);
/** "Signature1" */
const SIGNATURE1 = memory.data<u8>([0x53, 0x69, 0x67, 0x6e, 0x61, 0x74, 0x75, 0x72, 0x65, 0x31]);
const SIGNATURE1_SIZE: u32 = 10;
/** Holds the largest header, context and payload that this application reads or writes: 20, 100 and 930 bytes. */
const TO_BE_SIGNED_CAPACITY: u32 = 1152;
const TO_BE_SIGNED = memory.data(1152);

/** Whether the key signed this message in the context that was written last. */
export function isSignedBy(message: Message, key: usize): bool {
  if (!isInRange(message.signature)) return false;
  const length = writeSigStructure(
    message.header,
    message.headerLength,
    message.payload,
    message.payloadLength,
  );
  return verify(key, TO_BE_SIGNED, length, message.signature) == 1;
}

/** Signs with T.sk in the context that was written last: 64 bytes at `out`. */
export function signInContext(
  header: usize,
  headerLength: u32,
  payload: usize,
  payloadLength: u32,
  out: usize,
): void {
  sign(TO_BE_SIGNED, writeSigStructure(header, headerLength, payload, payloadLength), out);
}

/** "1 <= r < n, 1 <= s <= (n-1)/2": of the two signatures (r, s) and (r, n - s) only one is valid. */
function isInRange(signature: usize): bool {
  const s = signature + 32;
  return (
    !isZero(signature, 32) &&
    compare(signature, ORDER, 32) < 0 &&
    !isZero(s, 32) &&
    compare(s, HALF, 32) <= 0
  );
}

/** RFC 9052 §4.4: ["Signature1", protected, external_aad, payload]. */
function writeSigStructure(
  header: usize,
  headerLength: u32,
  payload: usize,
  payloadLength: u32,
): u32 {
  startWriting(TO_BE_SIGNED, TO_BE_SIGNED_CAPACITY);
  writeArray(4);
  writeText(SIGNATURE1, SIGNATURE1_SIZE);
  writeBytes(header, headerLength);
  writeBytes(context(), contextLength());
  writeBytes(payload, payloadLength);
  return written();
}
