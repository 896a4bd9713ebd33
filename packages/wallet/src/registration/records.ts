import {
  bytes,
  chain,
  field,
  map,
  MAX_CERTIFICATE,
  MAX_MESSAGE,
  named,
  optional,
  text,
  type Infer,
} from "@bezant/protocol";
import { kind } from "../store/records.ts";

const certificate = bytes(0, MAX_CERTIFICATE);

const registered = map({
  url: [1, text(500)],
  provider: [2, field.institutionId],
  wallet: [3, field.walletId],
  /** Absent while the provider has not answered. */
  certificate: [4, optional(certificate)],
  chain: [5, chain],
});

/** With which provider the wallet is registered, and as whom; the only key is "". */
export const REGISTRATION = kind("registration", registered);
export type RegistrationRecord = Infer<typeof registered>;

const trustedApp = map({
  ta: [1, field.taId],
  home: [2, field.institutionId],
  certificate: [3, certificate],
  chain: [4, chain],
  limitsProfile: [5, bytes(0, MAX_MESSAGE)],
});

/** The certificate that the device's TA has (`active`), and one that it is to be given (`next`). */
export const TRUSTED_APP = kind("trusted-app", trustedApp);
export type TrustedAppRecord = Infer<typeof trustedApp>;

const retired = map({
  at: [1, field.seconds],
  state: [2, named({ signed: 0, reported: 1 })],
  statement: [3, bytes(0, MAX_MESSAGE)],
});

/** TAs that this wallet has retired, by their ids. */
export const RETIRED = kind("retired", retired);
export type RetiredRecord = Infer<typeof retired>;
