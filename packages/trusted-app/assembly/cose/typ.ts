/** The kinds of message that this application reads or writes (docs/protocol.md §3). */
export const enum Typ {
  Certificate = 65000,
  DepositReservation = 65003,
  DepositConfirmation = 65005,
  Withdrawal = 65006,
  WithdrawalAcknowledgement = 65007,
  PaymentRequest = 65008,
  Payment = 65009,
  Outcome = 65010,
  SyncRequest = 65011,
  SyncResponse = 65012,
  SignedBalance = 65013,
  LimitsProfile = 65015,
  Retirement = 65019,
  StatusChunk = 65050,
}

/** RFC 9864: ESP256 is -9, which CBOR writes as -1 - 8. */
export const ESP256: u32 = 8;
/** kcwt (RFC 9528). */
export const KCWT: u8 = 13;
/** The chain in a header, and our claims in a certificate: -65537. */
export const PRIVATE: u32 = 65536;
