import { moved, nothingMoved, pending, type RefusalTable } from "./entry.ts";

/** Why the trusted application refuses a command (§13), apart from form and trust. */
export const TRUSTED_APP = {
  "unknown-command": nothingMoved(
    "The secure device does not know this command",
    "Update the wallet or the device, so that both are of the same version.",
  ),
  "wrong-phase": nothingMoved(
    "The secure device cannot do this at this stage of its life",
    "Set it up and register it first; a retired one has to be set up anew.",
  ),
  "wrong-limits": nothingMoved(
    "The limits are not the ones that the device's certificate names",
    "Ask the provider for the limits again, or renew the certificate.",
  ),
  "stale-limits": nothingMoved(
    "The device already has newer limits",
    "Ask the provider for the current limits.",
  ),
  "limit-holding": nothingMoved(
    "The device would then hold, or be promised, more than it may",
    "Withdraw some money, cancel open requests, or use a smaller amount. A deposit that was refused keeps its room until a smaller one has been made.",
  ),
  "limit-payment": nothingMoved(
    "The amount is more than this device may pay at once",
    "Pay a smaller amount, or pay online.",
  ),
  "limit-count": nothingMoved(
    "The device has made as many payments as it may before it goes online",
    "Go online once and synchronise, then pay.",
  ),
  "limit-value": nothingMoved(
    "The device has paid as much as it may before it goes online",
    "Go online once and synchronise, then pay.",
  ),
  "insufficient-balance": nothingMoved(
    "There is not enough money for this",
    "Deposit or receive money first, or use a smaller amount.",
  ),
  "pin-required": nothingMoved(
    "This needs the PIN",
    "Enter the PIN and try again. A device without one can be given its first PIN only while it holds no money, or after the provider has unlocked it.",
  ),
  "pin-not-set": nothingMoved(
    "The device has no PIN yet",
    "Set a PIN first: while the device holds no money, or after the provider has unlocked it.",
  ),
  "pin-not-begun": nothingMoved(
    "The device was not waiting for a PIN",
    "Begin the PIN entry again.",
  ),
  "pin-wrong": nothingMoved(
    "The PIN is wrong, and one try is used up",
    "Enter the right PIN. After five wrong ones the provider has to unlock it.",
  ),
  "pin-locked": nothingMoved(
    "The PIN is locked after too many wrong tries",
    "Go online and ask the provider to unlock it. The money in the device is safe.",
  ),
  "outbox-full": nothingMoved(
    "The device still keeps as many earlier payments or withdrawals as it can",
    "Go online and synchronise, or get the receipt of somebody whom you have paid: it makes room.",
  ),
  "outbox-not-full": nothingMoved(
    "The device gives up a payment that its payee's wallet has only when it has no room left",
    "Nothing needs to be done; it keeps the payment for you.",
  ),
  "requests-full": nothingMoved(
    "The device has as many open payment requests as it can",
    "Cancel or replace one of them.",
  ),
  "counter-exhausted": nothingMoved(
    "The device has used up its sequence numbers",
    "Withdraw all money, retire the device, and set it up anew.",
  ),
  overflow: nothingMoved(
    "The amount is larger than any balance or total can be",
    "Use a smaller amount; otherwise withdraw, retire the device and set it up anew.",
  ),
  "deposit-conflict": nothingMoved(
    "The provider confirmed two different deposits under one number",
    "Keep both confirmations and report it to the provider: it has lost part of its history.",
  ),
  "deposit-stale": nothingMoved(
    "The device applied this confirmation long ago",
    "Nothing needs to be done: the money is in the device already.",
  ),
  "deposit-gap": pending(
    "An earlier confirmation is missing",
    "The deposit has left the online balance and is not in the device yet.",
    "Fetch the missing confirmations from the provider and apply them in order.",
  ),
  "ack-ahead": nothingMoved(
    "The provider acknowledged something that this device never sent",
    "Report it to the provider; do not use the acknowledgement.",
  ),
  "self-payment": nothingMoved(
    "Payer and payee are the same",
    "Pay somebody else; money moves between a device and its own online balance by deposit and withdrawal.",
  ),
  "request-mismatch": nothingMoved(
    "Payment and request do not agree",
    "Take the current request of the payee, and pay exactly that one.",
  ),
  "request-expired": nothingMoved(
    "The payment request has expired",
    "Ask the payee for a new request.",
  ),
  "request-void": pending(
    "The request was cancelled or replaced before this payment came",
    "The payer's device has paid, and the payee has not taken this payment.",
    "The payee hands the payer the signed outcome; the payer's provider refunds on it. A payee without a device declines the payment for that.",
  ),
  "request-collected": pending(
    "The request was already paid by another payment",
    "The payee has taken the other payment; this one was paid for nothing.",
    "The payee hands the payer the signed outcome; the payer's provider refunds on it. A payee without a device declines the payment for that.",
  ),
  "unknown-request": nothingMoved(
    "There is no such payment request here",
    "Look which requests there are. One that is older than the device's memory is resolved by the provider.",
  ),
  "unknown-payment": nothingMoved(
    "The device keeps no such payment",
    "It was settled or released earlier, or is somebody else's; look into the wallet's history.",
  ),
  "unknown-withdrawal": nothingMoved(
    "The device keeps no such withdrawal",
    "It was acknowledged earlier; look into the wallet's history.",
  ),
  "refund-due": moved(
    "The payment was made, and its request ended otherwise",
    "The amount has left the device; the payee did not get it.",
    "Bring the payment and this outcome to your provider: it gives the money back as a deposit.",
  ),
  "payee-revoked": nothingMoved(
    "The payee's certificate has been revoked",
    "Do not pay this payee. It has to go online and ask its provider.",
  ),
  "payee-unchecked": nothingMoved(
    "No current status list says that the payee's certificate is still good, and more may not be paid without",
    "Have the payee hand over its part of its provider's status list, or go online once and synchronise; a smaller amount may do.",
  ),
  "payer-revoked": pending(
    "The payer's certificate has been revoked",
    "The payer's device has paid; the payee has not taken the payment.",
    "Cancel the request and hand the payer the signed outcome: its provider decides about the refund. Hand over no goods.",
  ),
  "payer-unchecked": pending(
    "No current status list says that the payer's certificate is still good, and more may not be taken without",
    "The payer's device has paid; the payee has not taken the payment yet.",
    "Have the payer hand over its part of its provider's status list, or go online once, then take the same payment; or cancel the request, and the payer's provider refunds on the signed outcome.",
  ),
  "issuer-revoked": nothingMoved(
    "The key of the institution that signed this, or that certified its signer, has been revoked",
    "Go online and synchronise; the holder of a certificate has to have it renewed under the institution's new key.",
  ),
  "sync-not-pending": nothingMoved(
    "The device is not waiting for this answer",
    "Begin the synchronisation again.",
  ),
  "not-empty": nothingMoved(
    "The device still holds money, payments, withdrawals or open requests",
    "Withdraw the money, settle what is open, then retire it.",
  ),
} as const satisfies RefusalTable;
