/** Why stored data cannot be used, or could not be written. Closed and stable. */
export const STORAGE_FAULT_CODES = [
  "device-missing", // no device in this folder, or one whose making was interrupted
  "device-damaged", // the fuses, the certificate or the TA binary do not read as written
  "object-missing", // the object's file is gone or empty, yet the anchor knows an object
  "object-damaged", // the newest image of the object does not authenticate
  "object-rolled-back", // the file holds an authentic but older image than the anchor
  "anchor-rolled-back", // the file holds a newer image than the anchor: the anchor was restored
  "rpmb-missing", // no replay-protected memory
  "rpmb-damaged", // its key record, or the object's anchor in it, does not read as written
  "rpmb-refused", // a frame failed authentication: another chip, or a changed answer
  "rpmb-worn-out", // the write counter is at its end
  "wrong-trusted-app", // the object belongs to another measurement than the TA at hand
  "io-failed", // the medium failed; what was being written may or may not be there
] as const;

export type StorageFaultCode = (typeof STORAGE_FAULT_CODES)[number];

/** A detected fault. `detail` is for logs, never secret, never parsed. */
export type StorageFault = { readonly code: StorageFaultCode; readonly detail?: string };

export function fault<C extends StorageFaultCode>(
  code: C,
  detail?: string,
): { readonly code: C; readonly detail?: string } {
  return detail === undefined ? { code } : { code, detail };
}
