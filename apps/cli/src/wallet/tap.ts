import { setTimeout as sleep } from "node:timers/promises";
import type { Patience } from "@bezant/wallet";

/** Both sides of a tap wait for each other this patiently: two seconds a message, a minute in all. */
export const PATIENCE: Patience = {
  timer: async (milliseconds, signal) => {
    await sleep(milliseconds, undefined, { signal });
  },
  attempts: 30,
};
