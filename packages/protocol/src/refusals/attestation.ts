import { nothingMoved, type RefusalTable } from "./entry.ts";

/** Why a provider does not certify a TA (`OEMVerify`, §5). */
export const ATTESTATION = {
  "unknown-nonce": nothingMoved(
    "The evidence answers no challenge that is open for this client",
    "Ask the provider for a new challenge and attest again.",
  ),
  "untrusted-measurement": nothingMoved(
    "The device runs software, or a version of it, that the provider does not accept",
    "Update the device, or ask the provider which versions it accepts.",
  ),
  "security-level": nothingMoved(
    "The device's security level is lower than the provider asks for, or than its maker certified",
    "Use a device with a higher security level.",
  ),
  "debug-enabled": nothingMoved(
    "Debugging is enabled on the device",
    "Use a device whose debugging is disabled.",
  ),
  "wrong-anchor": nothingMoved(
    "The device trusts another central bank's key",
    "Set the device up anew with the right central bank.",
  ),
  "key-bound": nothingMoved(
    "The device's key is registered for another client",
    "Retire the device with that client first, and set it up anew.",
  ),
  "device-bound": nothingMoved(
    "The device is registered for another client",
    "Retire the device with that client first.",
  ),
} as const satisfies RefusalTable;
