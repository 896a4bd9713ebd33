import { nothingMoved, type RefusalTable } from "./entry.ts";

/** Why an institution is not certified, or no longer believed, apart from what its certificate says itself. */
export const INSTITUTIONS = {
  "not-certified": nothingMoved(
    "This authority has not certified that institution, or its certificate has ended",
    "Certify or renew the institution first, by its issuer.",
  ),
} as const satisfies RefusalTable;
