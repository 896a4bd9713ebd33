import { nothingMoved, unknown, type RefusalTable } from "./entry.ts";

/** What any HTTP service may answer before, or instead of, doing what it was asked. */
export const SERVICE = {
  "too-large": nothingMoved("The request is too large", "Send fewer or smaller messages at once."),
  "unsupported-media-type": nothingMoved(
    "The service does not take this media type here",
    "Send the media type that the API's description names.",
  ),
  "not-found": nothingMoved("There is nothing at this address", "Check the address."),
  unauthorised: nothingMoved(
    "The token is missing, wrong or expired",
    "Ask for a new challenge, sign it, and fetch a new token.",
  ),
  "too-many-requests": nothingMoved("Too many requests", "Wait a moment, then try again."),
  unavailable: nothingMoved(
    "The service cannot do this at the moment",
    "Try again in a moment; the same message counts only once.",
  ),
  "internal-error": unknown(
    "The service failed",
    "It is not known whether the money has moved.",
    "Send exactly the same again: it counts once. If it goes on, tell the operator the time of the failure.",
  ),
} as const satisfies RefusalTable;
