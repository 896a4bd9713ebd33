import { copy, zero } from "../bytes";

/** The state of this TA: version 1 of the layout in README.md, little-endian, every unused byte zero. */

/** Of the whole state; what is staged ends behind the last payment, so it is mostly half of this. */
export const STATE_SIZE: u32 = 4336;
export const MAX_PIN_TRIES: u8 = 5;

export const STATE = memory.data(4336, 8);

export const enum Phase {
  Blank = 0,
  Initialised = 1,
  Active = 2,
  Retired = 3,
}

/** The fields, named as in docs/protocol.md §13.1. A field of bytes is its address. */
export abstract class T {
  static get phase(): u32 { return load<u8>(STATE, 1); }
  static set phase(value: u32) { store<u8>(STATE, <u8>value, 1); }

  static get anchor(): usize { return STATE + 8; }
  static get vk(): usize { return STATE + 41; }
  static get id(): usize { return STATE + 74; }

  static get home(): usize { return STATE + 106; }
  static get homeLength(): u32 { return load<u8>(STATE, 6); }
  static get currency(): usize { return STATE + 114; }
  static get certificate(): usize { return STATE + 120; }
  static get certificateLength(): u32 { return load<u16>(STATE, 118); }
  static get exp(): u32 { return load<u32>(STATE, 312); }
  static set exp(value: u32) { store<u32>(STATE, value, 312); }
  static get serial(): u32 { return load<u32>(STATE, 316); }
  static set serial(value: u32) { store<u32>(STATE, value, 316); }
  static get providerKey(): usize { return STATE + 320; }
  static get providerExp(): u32 { return load<u32>(STATE, 356); }
  static set providerExp(value: u32) { store<u32>(STATE, value, 356); }
  static get providerKid(): usize { return STATE + 360; }

  static get balance(): u64 { return load<u64>(STATE, 368); }
  static set balance(value: u64) { store<u64>(STATE, value, 368); }
  static get reserved(): u64 { return load<u64>(STATE, 496); }
  static set reserved(value: u64) { store<u64>(STATE, value, 496); }
  static get deposited(): u64 { return load<u64>(STATE, 504); }
  static set deposited(value: u64) { store<u64>(STATE, value, 504); }
  static get withdrawn(): u64 { return load<u64>(STATE, 512); }
  static set withdrawn(value: u64) { store<u64>(STATE, value, 512); }
  static get paid(): u64 { return load<u64>(STATE, 520); }
  static set paid(value: u64) { store<u64>(STATE, value, 520); }
  static get collected(): u64 { return load<u64>(STATE, 528); }
  static set collected(value: u64) { store<u64>(STATE, value, 528); }

  static get profile(): u32 { return load<u32>(STATE, 376); }
  static set profile(value: u32) { store<u32>(STATE, value, 376); }
  static get limitsVersion(): u32 { return load<u32>(STATE, 380); }
  static set limitsVersion(value: u32) { store<u32>(STATE, value, 380); }
  static get maxHolding(): u64 { return load<u64>(STATE, 384); }
  static set maxHolding(value: u64) { store<u64>(STATE, value, 384); }
  static get maxPayment(): u64 { return load<u64>(STATE, 392); }
  static set maxPayment(value: u64) { store<u64>(STATE, value, 392); }
  static get maxCount(): u32 { return load<u32>(STATE, 400); }
  static set maxCount(value: u32) { store<u32>(STATE, value, 400); }
  static get maxValue(): u64 { return load<u64>(STATE, 408); }
  static set maxValue(value: u64) { store<u64>(STATE, value, 408); }
  static get noPinCap(): u64 { return load<u64>(STATE, 416); }
  static set noPinCap(value: u64) { store<u64>(STATE, value, 416); }
  static get uncheckedCap(): u64 { return load<u64>(STATE, 424); }
  static set uncheckedCap(value: u64) { store<u64>(STATE, value, 424); }

  static get windowCount(): u32 { return load<u32>(STATE, 432); }
  static set windowCount(value: u32) { store<u32>(STATE, value, 432); }
  static get windowValue(): u64 { return load<u64>(STATE, 440); }
  static set windowValue(value: u64) { store<u64>(STATE, value, 440); }
  static get time(): u32 { return load<u32>(STATE, 436); }
  static set time(value: u32) { store<u32>(STATE, value, 436); }

  static get d(): u32 { return load<u32>(STATE, 448); }
  static set d(value: u32) { store<u32>(STATE, value, 448); }
  static get w(): u32 { return load<u32>(STATE, 452); }
  static set w(value: u32) { store<u32>(STATE, value, 452); }
  static get j(): u32 { return load<u32>(STATE, 456); }
  static set j(value: u32) { store<u32>(STATE, value, 456); }
  static get r(): u32 { return load<u32>(STATE, 460); }
  static set r(value: u32) { store<u32>(STATE, value, 460); }
  static get depositDigest(): usize { return STATE + 464; }
  static get head(): usize { return STATE + 536; }

  static get syncNonce(): usize { return STATE + 568; }
  static get syncCount(): u32 { return load<u32>(STATE, 584); }
  static set syncCount(value: u32) { store<u32>(STATE, value, 584); }
  static get syncValue(): u64 { return load<u64>(STATE, 592); }
  static set syncValue(value: u64) { store<u64>(STATE, value, 592); }
  static get uncheckedValue(): u64 { return load<u64>(STATE, 664); }
  static set uncheckedValue(value: u64) { store<u64>(STATE, value, 664); }
  static get syncUnchecked(): u64 { return load<u64>(STATE, 672); }
  static set syncUnchecked(value: u64) { store<u64>(STATE, value, 672); }

  static get pinSet(): bool { return load<u8>(STATE, 2) != 0; }
  static set pinSet(value: bool) { store<u8>(STATE, <u8>value, 2); }
  static get pinPending(): bool { return load<u8>(STATE, 3) != 0; }
  static set pinPending(value: bool) { store<u8>(STATE, <u8>value, 3); }
  static get pinFresh(): bool { return load<u8>(STATE, 4) != 0; }
  static set pinFresh(value: bool) { store<u8>(STATE, <u8>value, 4); }
  static get pinTries(): u8 { return load<u8>(STATE, 5); }
  static set pinTries(value: u8) { store<u8>(STATE, value, 5); }
  static get pinSalt(): usize { return STATE + 600; }
  static get pinDigest(): usize { return STATE + 616; }
  static get pinAllowance(): u64 { return load<u64>(STATE, 648); }
  static set pinAllowance(value: u64) { store<u64>(STATE, value, 648); }
  static get noPinSpent(): u64 { return load<u64>(STATE, 656); }
  static set noPinSpent(value: u64) { store<u64>(STATE, value, 656); }
}

export const HOME_CAPACITY: u32 = 8;
/** No TA certificate is longer than 187 bytes (docs/protocol.md §4.4). */
export const CERTIFICATE_CAPACITY: u32 = 192;

export function setHome(at: usize, length: u32): void {
  zero(T.home, HOME_CAPACITY);
  copy(T.home, at, length);
  store<u8>(STATE, <u8>length, 6);
}

export function setCertificate(at: usize, length: u32): void {
  zero(T.certificate, CERTIFICATE_CAPACITY);
  copy(T.certificate, at, length);
  store<u16>(STATE, <u16>length, 118);
}

/** Number and place of the entries of each list; see the files beside this one. */
export const WITHDRAWALS_COUNT: usize = STATE + 680;
export const PAYMENTS_COUNT: usize = STATE + 681;
export const REQUESTS_COUNT: usize = STATE + 682;
export const OUTCOMES_COUNT: usize = STATE + 683;
export const EPOCHS_COUNT: usize = STATE + 684;
export const REVOKED_KEYS_COUNT: usize = STATE + 685;
export const EPOCHS: usize = STATE + 688;
export const REVOKED_KEYS: usize = STATE + 784;
export const WITHDRAWALS: usize = STATE + 880;
export const REQUESTS: usize = STATE + 1200;
export const OUTCOMES: usize = STATE + 1392;
export const PAYMENTS: usize = STATE + 2288;
