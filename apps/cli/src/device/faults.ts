import type { StartFault, StartFaultCode } from "@bezant/tee";

const SERVES_NOTHING = "The trusted OS does not serve, so no money can move.";

/** Why a device does not start, for its owner. */
const SENTENCES: Readonly<Partial<Record<StartFaultCode, string>>> = {
  "already-running": "Another process has this device; stop it there first.",
  "device-missing": "There is no device in this folder.",
  "folder-not-private": "Others than the owner may enter this folder: chmod 700 it.",
  "object-rolled-back": `The storage is an older copy: the device's replay-protected memory has moved on since. ${SERVES_NOTHING} Put the newest files back.`,
  "anchor-rolled-back": `The replay-protected memory is an older copy than the storage. ${SERVES_NOTHING} Put the newest files back.`,
  "object-missing": `The storage is gone, but the device has money in it. ${SERVES_NOTHING} Put the files back.`,
  "object-damaged": `The storage was changed or is damaged. ${SERVES_NOTHING} Put the newest files back.`,
  "rpmb-missing": `The replay-protected memory is gone. ${SERVES_NOTHING}`,
  "rpmb-damaged": `The replay-protected memory is damaged. ${SERVES_NOTHING}`,
  "rpmb-refused": `The replay-protected memory is not this device's. ${SERVES_NOTHING}`,
  "device-damaged": `The device's own files are damaged. ${SERVES_NOTHING}`,
  "wrong-trusted-app": `The trusted application is not the one that the money belongs to. ${SERVES_NOTHING}`,
  "trusted-app-refused": `The trusted application is not one that this trusted OS runs. ${SERVES_NOTHING}`,
};

export function explainFault({ code, detail }: StartFault): string {
  const sentence = SENTENCES[code] ?? `The trusted OS did not start. ${SERVES_NOTHING}`;
  return `${sentence} [${code}${detail === undefined ? "" : `: ${detail}`}]`;
}
