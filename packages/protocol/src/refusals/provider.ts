import { moved, nothingMoved, pending, unknown, type RefusalTable } from "./entry.ts";

/** What a provider refuses about money and clients, apart from form and trust. */
export const PROVIDER = {
  "unknown-client": nothingMoved(
    "The provider has no such client",
    "Register the wallet with this provider first.",
  ),
  "client-frozen": nothingMoved(
    "The client's account is frozen",
    "Ask the provider why. Withdrawals and claims still count; they wait in a suspense account.",
  ),
  "unknown-trusted-app": nothingMoved(
    "The client has no such secure device",
    "Register the device with this provider first.",
  ),
  "deposit-outstanding": pending(
    "An earlier deposit with another amount is still on its way to the device",
    "That earlier deposit has left the online balance; nothing new has moved.",
    "Apply the confirmation that comes with this answer, then deposit again.",
  ),
  "allowance-exhausted": nothingMoved(
    "The provider may take no more money offline for now",
    "The money is in the online balance. Try again later: the provider asks the central bank for a higher allowance.",
  ),
  "reserves-exhausted": nothingMoved(
    "The provider's reserves at the central bank do not cover this",
    "Have the central bank issue reserves to the provider, settle, then give the order again.",
  ),
  "settlement-unreachable": pending(
    "The central bank does not answer",
    "What was to be settled is kept, and nothing of it counts twice.",
    "Settle again later: the same messages are sent again.",
  ),
  "no-settlement": nothingMoved(
    "The provider settles with no central bank, and so with no other provider",
    "Pay a client of the same provider, or pay offline.",
  ),
  "provider-behind": nothingMoved(
    "The device has seen more than the provider remembers",
    "Synchronise. Until the provider has recovered its history it only reads for this client.",
  ),
  "holder-revoked": nothingMoved(
    "The certificate of this wallet or device has been revoked",
    "It gets no new certificate and no new deposits. Withdraw what the device holds, and set up another one; ask the provider if this is a mistake.",
  ),
  "claim-in-review": pending(
    "The payer's device, or the key that certified it, has been revoked, and a person at the provider looks at this payment first",
    "The provider keeps the payment; it has not been credited yet.",
    "Nothing is lost. Claim the same payment again later: the answer tells what has been decided.",
  ),
  "issuer-unconfirmed": pending(
    "A key that certified the other side has been revoked, and the central bank cannot be asked now what was reported before",
    "Nothing has been booked for this message; what it is about is not lost.",
    "Bring exactly the same again later: once the central bank has answered it counts, or goes to review.",
  ),
  "refund-in-review": pending(
    "The device that paid has been revoked, and a person at the provider looks at this refund first",
    "The provider keeps the payment and its outcome; nothing has been given back yet.",
    "Nothing is lost. Ask for the same refund again later: the answer tells what has been decided.",
  ),
  "unknown-review": nothingMoved(
    "No such claim or refund waits for a decision",
    "It was decided earlier, or it was never brought here.",
  ),
  "too-many-devices": nothingMoved(
    "The client has as many secure devices as the provider allows",
    "Retire one of them, then register this one.",
  ),
  "withdrawal-conflict": nothingMoved(
    "The device signed two different withdrawals with one number",
    "The first one counts. Both are kept as evidence that the device is broken.",
  ),
  "withdrawal-gap": pending(
    "An earlier withdrawal has not arrived",
    "The money has left the device and is not credited online yet.",
    "Send the missing withdrawals first, in order, then this one again.",
  ),
  "payment-fork": nothingMoved(
    "The sender's device signed two different payments with one number",
    "The first one counts. Both are kept as evidence; ask the provider about the second.",
  ),
  "not-refundable": nothingMoved(
    "The outcome does not show that this payment failed",
    "Bring a signed outcome of the receiver, or of its provider, that names this payment's request.",
  ),
  "unknown-outcome": nothingMoved(
    "The provider knows no outcome of this payment yet",
    "Claim or decline the payment, or ask again later.",
  ),
  "outcome-unreachable": pending(
    "The payee's provider cannot be asked at the moment how this payment ended",
    "The payment stays made. Whether the payee has claimed it is not known here yet.",
    "Synchronise again later: the provider asks again. A receipt of the payee counts as well.",
  ),
  "order-conflict": nothingMoved(
    "This order number was used for another order",
    "The first order counts. Make a new order with a new number.",
  ),
  "not-forgotten": nothingMoved(
    "No restore has lost that much",
    "Ask for the supply audit: it says how much is missing (`lost`), after what syncs have brought back.",
  ),
  "sync-conflict": nothingMoved(
    "The device's account of itself contradicts what the provider knows",
    "Ask the provider; it keeps the statement as evidence.",
  ),
  "already-declined": nothingMoved(
    "The receiver declined this payment earlier",
    "The payer gets its money back with the signed outcome.",
  ),
  "already-retired": moved(
    "The device was retired earlier",
    "What it could never apply has gone back to the online balance.",
    "Nothing needs to be done.",
  ),
  "commit-unknown": unknown(
    "The connection to the database was lost while the result was being stored",
    "It is not known yet whether the money has moved.",
    "Send exactly the same again: it counts once, and the answer tells what happened.",
  ),
} as const satisfies RefusalTable;
