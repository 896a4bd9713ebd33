import { nothingMoved, type RefusalTable } from "./entry.ts";

/** What is wrong with the bytes themselves, before anybody asks what they mean. */
export const FORM = {
  malformed: nothingMoved(
    "This is not a message that Bezant understands",
    "Ask for the message to be sent or shown again.",
  ),
  "wrong-type": nothingMoved(
    "This is a message of another kind than the one expected here",
    "Check what was scanned or sent, and take the message that belongs to this step.",
  ),
  "unsupported-algorithm": nothingMoved(
    "The message is signed with an algorithm that this version does not know",
    "Update this software, then try again.",
  ),
  "unsupported-payment-type": nothingMoved(
    "This kind of payment is reserved and not in use yet",
    "Ask the payer for a basic payment.",
  ),
  "bad-key": nothingMoved(
    "The public key is not a point of the curve P-256",
    "Make a new key and try again.",
  ),
  "bad-signature": nothingMoved(
    "The signature does not belong to this message, this signer and this recipient",
    "Ask for the original message again; what arrived was changed, or was meant for somebody else.",
  ),
} as const satisfies RefusalTable;
