import type { KeyObject } from "node:crypto";
import { validityWithin, type Authority } from "@bezant/pki";
import { publicKeyOf } from "@bezant/pki/node";
import {
  appointment,
  makerToAnybody,
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
    readonly key: KeyObject;
  },
  { now, days }: { readonly now: Seconds; readonly days: number },
): Promise<Uint8Array> {
  const { claims, signer } = root;
  if (claims.role !== "oem-root") throw new Failure("this is no manufacturer's root");
  const validity = validityWithin(claims, now, days);
  if (!validity.ok) throw new Refused(validity.error);
  const { purpose, name } = holder;
  const key = publicKeyOf(holder.key).compressed;
  const payload = { purpose, name, key, ...validity.value };
  return appointment.signAsync(payload, makerToAnybody(claims.sub), signer);
}

/** What devices and servers pin of a manufacturer. */
export function rootOf({ claims, signer }: Authority): OemRoot {
  return { id: claims.sub, key: signer.publicKey };
}
