import {
  concatBytes,
  err,
  ok,
  refusal,
  type ProviderId,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import { fromDatabase } from "@bezant/service";
import type { Core } from "../core/core.ts";
import { findChunk, findChunks } from "./lists.ts";

/** All chunks of an issuer's list that are known here, one after the other; none is an empty sequence. */
export async function statusList(
  { db }: Core,
  issuer: ProviderId,
): Promise<Result<Uint8Array, Refusal>> {
  const found = await findChunks(db, issuer);
  if (!found.ok) return err(fromDatabase(found.error));
  return ok(concatBytes(...found.value.rows.map(({ message }) => message)));
}

/** The chunk that covers an index. */
export async function statusChunkAt(
  { db }: Core,
  issuer: ProviderId,
  index: number,
): Promise<Result<Uint8Array, Refusal>> {
  const found = await findChunk(db, issuer, index);
  if (!found.ok) return err(fromDatabase(found.error));
  const [row] = found.value.rows;
  return row === undefined ? err(refusal("not-found")) : ok(row.message);
}
