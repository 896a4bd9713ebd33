import { randomBytes } from "node:crypto";
import { providerToAnybody, statusChunk, statusChunks } from "@bezant/protocol";
import type { Report } from "./report.ts";
import { createWorld, EUR, HOME, now } from "./world.ts";

/** Of a thousand certificates one is revoked. */
const SHARE = 1000;
/** What a chunk may be without its chain (protocol document §18.1). */
const MOST = 1100;

/** How long a provider's whole status list is, and the one chunk of it that travels with a payment. */
export async function statusLists(report: Report): Promise<void> {
  const world = await createWorld();
  // The indices that a million holders drew are drawn here too; of a hundred million only those that are revoked.
  list(report, world, "1 million certificates", [...drawn(1_000_000)].slice(0, 1_000_000 / SHARE));
  list(report, world, "100 million certificates", [...drawn(100_000_000 / SHARE)]);
}

/** So many different indices, at random from all there are. */
function drawn(count: number): ReadonlySet<number> {
  const indices = new Set<number>();
  while (indices.size < count) {
    const bytes = randomBytes(4 * (count - indices.size));
    for (let at = 0; at < bytes.length; at += 4) indices.add(bytes.readUInt32LE(at));
  }
  return indices;
}

function list(
  report: Report,
  { provider }: Awaited<ReturnType<typeof createWorld>>,
  name: string,
  revoked: readonly number[],
): void {
  const context = providerToAnybody({ currency: EUR, provider: HOME });
  const chunks = statusChunks(revoked, { epoch: now, issuedAt: now }).map((chunk) =>
    statusChunk.sign(chunk, context, provider),
  );
  const lengths = chunks.map(({ length }) => length);
  const largest = Math.max(...lengths);
  report({ name: `status list of ${name}, revoked`, value: revoked.length, unit: "" });
  report({ name: `status list of ${name}, chunks`, value: chunks.length, unit: "" });
  const total = lengths.reduce((sum, length) => sum + length, 0);
  report({ name: `status list of ${name}, whole`, value: total, unit: "bytes" });
  report({
    name: `status list of ${name}, largest chunk`,
    value: largest,
    unit: "bytes",
    bar: `at most ${MOST}`,
    held: largest <= MOST,
  });
}
