import type { Seconds } from "@bezant/protocol";
import type { Core } from "../core/core.ts";

/** Seconds by which the operator's clock may differ. */
const TOLERANCE = 300;

/** Whether something was signed about now. */
export function isRecent({ clock }: Pick<Core, "clock">, at: Seconds): boolean {
  return Math.abs(clock.now() - at) <= TOLERANCE;
}
