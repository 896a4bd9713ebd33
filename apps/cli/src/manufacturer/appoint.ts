import { validityWithin, type Authority } from "@bezant/pki";
import {
  appointment,
  makerToAnybody,
  type CompressedKey,
  type InstitutionId,
  type OemRoot,
  type Seconds,
} from "@bezant/protocol";
import { Failure, Refused } from "../failure.ts";

/** The root's appointment of a key, for so many days. */
export async function appoint(
  root: Authority,
  holder: {
    readonly purpose: "service" | "developer";
    readonly name: InstitutionId;
    readonly key: CompressedKey;
  },
  { now, days }: { readonly now: Seconds; readonly days: number },
): Promise<Uint8Array> {
  const { claims, signer } = root;
  if (claims.role !== "oem-root") throw new Failure("this is no manufacturer's root");
  const validity = validityWithin(claims, now, days);
  if (!validity.ok) throw new Refused(validity.error);
  const payload = { ...holder, ...validity.value };
  return appointment.signAsync(payload, makerToAnybody(claims.sub), signer);
}

/** What devices and servers pin of a manufacturer. */
export function rootOf({ claims, signer }: Authority): OemRoot {
  return { id: claims.sub, key: signer.publicKey };
}
