import { nothingMoved, type RefusalTable } from "./entry.ts";

/** Why an institution is not certified, or no longer believed, apart from what its certificate says itself. */
export const INSTITUTIONS = {
  "not-certified": nothingMoved(
    "This authority has not certified that institution, or its certificate has ended",
    "Certify or renew the institution first, by its issuer.",
  ),
  "id-taken": nothingMoved(
    "This id belongs to another institution, or to this one under another key or role",
    "Choose another id; for a new key of the same institution the issuer has to decide on a rollover.",
  ),
  "key-revoked": nothingMoved(
    "This key has been revoked and is not certified again",
    "Make a new key, and ask for a rollover to it.",
  ),
} as const satisfies RefusalTable;
