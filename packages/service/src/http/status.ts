import type { RefusalCode } from "@bezant/protocol";

/** Codes whose HTTP status is not 422: the message was understood, and the provider will not do what it says. */
const STATUS: Partial<Record<RefusalCode, number>> = {
  malformed: 400,
  "wrong-type": 400,
  "unsupported-algorithm": 400,
  "bad-key": 400,
  unauthorised: 401,
  "bad-signature": 403,
  "client-frozen": 403,
  "provider-suspended": 403,
  "not-found": 404,
  "unknown-provider": 404,
  "unknown-window": 404,
  "unknown-advice": 404,
  "unknown-client": 404,
  "unknown-trusted-app": 404,
  "unknown-outcome": 404,
  "unknown-device": 404,
  "unknown-release": 404,
  "device-revoked": 403,
  "release-conflict": 409,
  "release-withdrawn": 410,
  "deposit-outstanding": 409,
  "key-bound": 409,
  "device-bound": 409,
  "order-conflict": 409,
  "payment-fork": 409,
  "provider-behind": 409,
  "sync-conflict": 409,
  "report-conflict": 409,
  "report-gap": 409,
  "window-closed": 409,
  "withdrawal-conflict": 409,
  "withdrawal-gap": 409,
  "too-large": 413,
  "unsupported-media-type": 415,
  "too-many-requests": 429,
  "internal-error": 500,
  "commit-unknown": 503,
  unavailable: 503,
};

export function statusOf(code: RefusalCode): number {
  return STATUS[code] ?? 422;
}
