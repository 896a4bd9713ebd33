import { seconds } from "@bezant/protocol";
import type { Clock } from "../environment.ts";

export const machineClock: Clock = {
  // oxlint-disable-next-line no-restricted-properties -- this is where the clock is injected
  now: () => seconds(Math.floor(Date.now() / 1000)),
};
