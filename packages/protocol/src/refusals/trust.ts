import { nothingMoved, type RefusalTable } from "./entry.ts";

/** Why a certificate, or whoever stands behind it, is not believed. */
export const TRUST = {
  "missing-certificate": nothingMoved(
    "The message came without its sender's certificate",
    "Ask for the message again, with the certificate attached.",
  ),
  "wrong-role": nothingMoved(
    "The certificate is for another role than the one needed here",
    "Check that the message comes from the right kind of party.",
  ),
  "wrong-currency": nothingMoved(
    "The certificate is for another currency",
    "Use a wallet of the same currency.",
  ),
  "unknown-issuer": nothingMoved(
    "The certificate does not lead to the central bank that this device trusts",
    "Have the provider's certificate chain attached, or go online once so that it is learnt.",
  ),
  "wrong-validity": nothingMoved(
    "The certificate claims to be valid outside the validity of its issuer",
    "Its holder needs a new certificate.",
  ),
  "not-yet-valid": nothingMoved(
    "The certificate is not valid yet",
    "Check this device's clock; otherwise wait until the certificate's first day.",
  ),
  expired: nothingMoved(
    "The certificate has expired",
    "Its holder has to go online and renew it. Money that the holder has is not lost.",
  ),
  "wrong-key": nothingMoved(
    "The certificate is for another key",
    "Register again, so that the provider certifies this device's own key.",
  ),
  "not-home": nothingMoved(
    "This message may come only from the provider responsible for it, and another one signed it",
    "Ask the responsible provider: for a device its home provider, for a payment the receiver's.",
  ),
  "wrong-audience": nothingMoved(
    "This message is meant for somebody else",
    "Hand it to the party that it names; only that one can use it.",
  ),
  "wrong-peer": nothingMoved(
    "Another institution brings this message than the one that it is from",
    "Send it from the institution's own server, with its own certificate for TLS.",
  ),
  "stale-serial": nothingMoved(
    "The device already has a newer certificate",
    "Nothing needs to be done; keep the newer one.",
  ),
} as const satisfies RefusalTable;
