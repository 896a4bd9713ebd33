import { nothingMoved, type RefusalTable } from "./entry.ts";

/** What a manufacturer's service refuses, and a device that is to be updated (§17). */
export const MAKER = {
  "unknown-device": nothingMoved(
    "The manufacturer has not enrolled this device",
    "Ask whoever made the device; it is either not genuine or not registered yet.",
  ),
  "device-revoked": nothingMoved(
    "The manufacturer has revoked this device",
    "Withdraw what the device holds and use another one.",
  ),
  "outdated-version": nothingMoved(
    "The device runs an older version of its software than is accepted",
    "Update the device, then try again.",
  ),
  "unknown-release": nothingMoved(
    "The manufacturer has no such release",
    "Ask the manufacturer which releases there are.",
  ),
  "wrong-release": nothingMoved(
    "The endorsement, the manifest and the module do not belong together",
    "Take all of them from the manufacturer again.",
  ),
  "release-conflict": nothingMoved(
    "There is another release with this version already",
    "Give the new release a higher version.",
  ),
  "release-withdrawn": nothingMoved(
    "The manufacturer has withdrawn this release",
    "Take the current release.",
  ),
  "not-updatable": nothingMoved(
    "The device was made without its manufacturer's key, so it takes no updates",
    "Withdraw what the device holds and use another one.",
  ),
  "update-downgrade": nothingMoved(
    "The device has a newer version than the one offered",
    "Nothing needs to be done; keep the newer one.",
  ),
  "update-gap": nothingMoved(
    "The new version cannot take over from the old one that is installed",
    "Install an intermediate version first.",
  ),
  "update-unreadable": nothingMoved(
    "The update is not meant for this device, or was changed on its way",
    "Fetch the update again.",
  ),
  "update-refused": nothingMoved(
    "The new version does not start with what the device holds",
    "The device goes on with the version that it has. Report it to the manufacturer.",
  ),
} as const satisfies RefusalTable;
