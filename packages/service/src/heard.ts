import type { InstitutionName } from "@bezant/pki/x509";
import { refusal, type Refusal, type Seconds } from "@bezant/protocol";
import type { Clock } from "./environment.ts";

/** Seconds by which the clock of somebody who asks or orders may differ. */
const TOLERANCE = 300;

/** Refuses what says that it was signed at another time than now: it was overheard, and is brought again. */
export function checkAge({ clock }: { readonly clock: Clock }, at: Seconds): Refusal | undefined {
  if (Math.abs(clock.now() - at) <= TOLERANCE) return undefined;
  return refusal("unauthorised", "the message is too old, or a clock is wrong");
}

/** Refuses a message that another institution brings than the one that signed it. @param from as mutual TLS has shown, where there is any */
export function checkPeer(
  from: InstitutionName | undefined,
  signer: InstitutionName,
): Refusal | undefined {
  if (from === undefined || (from.role === signer.role && from.id === signer.id)) return undefined;
  return refusal("wrong-peer", `the ${from.role} ${from.id} brings what is from ${signer.id}`);
}
