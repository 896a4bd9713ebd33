import { map, mapped, named, optional, type Infer } from "../../cbor/index.ts";
import { field } from "../../fields.ts";
import type { Counter, ProviderId, Seconds } from "../../ids.ts";
import { defineMessage } from "../message.ts";

const wire = map({
  kind: [1, named({ certificate: 0, confirmation: 1 })],
  provider: [2, field.institutionId],
  digest: [3, field.digest],
  report: [4, optional(field.counter)],
  window: [5, optional(field.counter)],
  at: [6, optional(field.seconds)],
});

export type Reported = {
  readonly kind: "certificate" | "confirmation";
  readonly provider: ProviderId;
  readonly digest: Uint8Array;
  /** The first report that names it, the window of that, and when it was accepted; absent where none does. */
  readonly in?: { readonly report: Counter; readonly window: Counter; readonly at: Seconds };
};

/** Whether a provider has reported a certificate or a deposit confirmation, and when. */
export const reported = defineMessage({
  typ: 65_032,
  name: "reported",
  signedBy: "institution",
  payload: mapped(wire, fromWire, toWire),
});

function fromWire({ report, window, at, ...rest }: Infer<typeof wire>): Reported | undefined {
  if (report !== undefined && window !== undefined && at !== undefined) {
    return { ...rest, in: { report, window, at } };
  }
  const isNowhere = report === undefined && window === undefined && at === undefined;
  return isNowhere ? rest : undefined;
}

function toWire({ in: found, ...rest }: Reported): Infer<typeof wire> {
  return found === undefined ? rest : { ...rest, ...found };
}
