import type { Random } from "./private-key.ts";

const POOL = 4096;

/**
 * The same source, asked for 4 KiB at a time: a system call for every eight bytes of a commit costs more than all the rest of
 * sealing it. What is handed out is wiped from the pool, so that no later look at it tells an earlier key.
 */
export function pooledRandom(source: Random): Random {
  let pool: Uint8Array = new Uint8Array();
  return (length) => {
    if (length > POOL) return source(length);
    if (pool.length < length) pool = source(POOL);
    // A copy: of node:crypto's Buffers, `slice` is only a view, and the next line would wipe it.
    const taken = new Uint8Array(pool.subarray(0, length));
    pool.fill(0, 0, length);
    pool = pool.subarray(length);
    return taken;
  };
}
