import { concatBytes, err, ok, type Refusal, type Result } from "@bezant/protocol";
import { fromDatabase } from "@bezant/service";
import type { Core } from "../core/core.ts";
import { readEntries } from "./store.ts";

/** A page of the directory: a CBOR sequence of entries, as their providers signed them. */
export async function serveDirectory(
  { db, clock }: Core,
  after: string,
): Promise<Result<Uint8Array, Refusal>> {
  const read = await readEntries(db, after, clock.now());
  return read.ok ? ok(concatBytes(...read.value)) : err(fromDatabase(read.error));
}
