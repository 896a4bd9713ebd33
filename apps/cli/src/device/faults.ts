import type { StartFault, StartFaultCode } from "@bezant/tee/process";
import type { Explained } from "../failure.ts";

type Sentence = readonly [title: string, next: string];

const PUT_BACK = "Put the newest files back.";
const ASK = "Ask whoever made the device; the provider can say what was in it.";

/** Why a device does not start, for its owner. */
const SENTENCES: Readonly<Partial<Record<StartFaultCode, Sentence>>> = {
  "already-running": ["Another process has this device", "Stop it there first."],
  "device-missing": ["There is no device in this folder", "Check the folder's name."],
  "folder-not-private": ["Others than the owner may enter the folder", "chmod 700 it."],
  "object-rolled-back": [
    "What is stored is an older copy: the device's replay-protected memory has moved on since",
    PUT_BACK,
  ],
  "anchor-rolled-back": [
    "The device's replay-protected memory is an older copy than what is stored",
    PUT_BACK,
  ],
  "object-missing": ["What the device has stored is gone", PUT_BACK],
  "object-damaged": ["What the device has stored was changed or is damaged", PUT_BACK],
  "rpmb-missing": ["The device's replay-protected memory is gone", PUT_BACK],
  "rpmb-damaged": ["The device's replay-protected memory is damaged", ASK],
  "rpmb-refused": ["The replay-protected memory is another device's", PUT_BACK],
  "device-damaged": ["The device's own files are damaged", ASK],
  "wrong-trusted-app": [
    "The trusted application is not the one that the money belongs to",
    PUT_BACK,
  ],
  "trusted-app-refused": ["The trusted application is none that this trusted OS runs", PUT_BACK],
};

const OTHERWISE: Sentence = ["The trusted OS did not start", "Look at what it said above."];

export function explainFault({ code, detail }: StartFault): Explained {
  const [title, next] = SENTENCES[code] ?? OTHERWISE;
  const money = "The device does not serve, so no money can move.";
  const more = detail === undefined ? {} : { detail };
  return { code, title, state: "nothing-moved", money, next, ...more };
}
