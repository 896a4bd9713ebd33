import { moved, nothingMoved, type RefusalTable } from "./entry.ts";

/** What the central bank refuses about reserves, reports and payments between providers. */
export const CENTRAL_BANK = {
  "unknown-provider": nothingMoved(
    "The central bank has no account for this provider",
    "The central bank's operator has to open the provider first.",
  ),
  "provider-suspended": nothingMoved(
    "The central bank has suspended this provider",
    "Ask the central bank. Reports and returns are still taken; what is owed is not lost.",
  ),
  "insufficient-reserves": nothingMoved(
    "The provider's reserves do not cover this",
    "Wait until payments or a settlement window bring reserves in, or have reserves issued.",
  ),
  "allowance-limit": nothingMoved(
    "The provider's prefunding would exceed the limit that the central bank has set",
    "Ask for less, settle deposits first, or have the limit raised.",
  ),
  "issuance-limit": nothingMoved(
    "So much money cannot be counted",
    "Issue less: the whole issuance has to stay below 2^64 minor units.",
  ),
  "report-gap": nothingMoved(
    "An earlier report of this provider has not arrived",
    "Send the missing reports first, in order, then this one again.",
  ),
  "report-conflict": nothingMoved(
    "The provider has reported something else under this number",
    "The first report counts. This one is kept as evidence; ask the central bank. A provider whose database was restored from a backup declares that (`bezant provider restored`) and settles again.",
  ),
  "report-mismatch": nothingMoved(
    "The report does not follow from the one before it, or its pages are not those that it counts",
    "Make the report again from the ledger, and send it with all of its pages.",
  ),
  "unknown-window": nothingMoved(
    "There is no such settlement window yet, or no position in it",
    "Ask for the status: it names the last window that was closed.",
  ),
  "window-closed": moved(
    "This settlement window was closed by another order",
    "Its positions are posted, once.",
    "Nothing needs to be done; the next window is open.",
  ),
  "unknown-advice": nothingMoved(
    "The central bank has sent no such advice of a payment",
    "Return exactly what the advice says: its number, instruction and amount.",
  ),
  "entry-outdated": nothingMoved(
    "The directory has a newer entry of this provider, or another one under the same number",
    "Nothing needs to be done if the newer one is right; otherwise sign an entry with a higher number.",
  ),
  "entry-not-current": nothingMoved(
    "The entry of the directory has ended, or is of a time that has not come",
    "The provider signs a new entry when it settles; otherwise look at its clock and at this one.",
  ),
} as const satisfies RefusalTable;
