import { readAmount, readKey, readMap, readU32, readU64, readUint } from "../cbor/reader";
import { T } from "../state/state";

/** `limits` of docs/protocol.md §12, as received. */
@unmanaged
class Limits {
  profile: u32;
  version: u32;
  maxHolding: u64;
  maxPayment: u64;
  maxCount: u32;
  maxValue: u64;
  noPinCap: u64;
  uncheckedCap: u64;
}

export const limits = changetype<Limits>(memory.data(offsetof<Limits>(), 8));

export function readLimits(): void {
  readMap(8, 8);
  readKey(1);
  limits.profile = <u32>readUint(0, 0xffff);
  readKey(2);
  limits.version = readU32();
  readKey(3);
  limits.maxHolding = readAmount();
  readKey(4);
  limits.maxPayment = readAmount();
  readKey(5);
  limits.maxCount = readU32();
  readKey(6);
  limits.maxValue = readAmount();
  readKey(7);
  limits.noPinCap = readU64();
  readKey(8);
  limits.uncheckedCap = readU64();
}

export function adoptLimits(): void {
  T.profile = limits.profile;
  T.limitsVersion = limits.version;
  T.maxHolding = limits.maxHolding;
  T.maxPayment = limits.maxPayment;
  T.maxCount = limits.maxCount;
  T.maxValue = limits.maxValue;
  T.noPinCap = limits.noPinCap;
  T.uncheckedCap = limits.uncheckedCap;
}
