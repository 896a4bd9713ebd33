import { bytes, MAX_MESSAGE, payment, sha256, toHex, typOf } from "@bezant/protocol";
import { kind, put, remove, type Entry, type Records } from "../store/records.ts";
import type { Change } from "../store/store.ts";

/** Payments and outcomes that the provider has not got yet; payments come first, by their index. */
const UPLOAD = kind("upload", bytes(0, MAX_MESSAGE));

/** To be sent with the next sync. */
export function upload(message: Uint8Array, order = ""): Change {
  const place = typOf(message) === payment.typ ? "1" : "2";
  return put(UPLOAD, `${place}/${order}/${toHex(sha256(message))}`, message);
}

export async function uploads(records: Records): Promise<readonly Entry<Uint8Array>[]> {
  return records.list(UPLOAD);
}

export function uploaded({ key }: Entry<unknown>): Change {
  return remove(UPLOAD, key);
}
