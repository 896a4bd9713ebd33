import { ok, type Result } from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { forTa } from "../core/envelope.ts";
import type { Ready } from "../core/identity.ts";
import { isUnsettled } from "../core/stop.ts";
import type { WalletRefusal } from "../refusals.ts";
import type { Entry } from "../store/records.ts";
import { uploaded, uploads } from "./uploads.ts";

/** Messages in one sync at most. */
const MOST = 1024;

export type Synced = {
  /** Payments and outcomes that the provider now has. */
  readonly uploaded: number;
  /** Those that it refused; they are not sent again. */
  readonly refused: number;
};

/**
 * Tells the home provider how the TA stands (protocol document §12), with the payments and outcomes that it has not got, and gives
 * the TA its answer. The TA counts only the answer to its last request, so an interrupted sync is simply begun anew.
 * Whoever calls has the turn `sync`.
 */
export async function syncOnce(core: Core, ready: Ready): Promise<Result<Synced, WalletRefusal>> {
  const sum = { uploaded: 0, refused: 0 };
  const waiting = await uploads(core.records);
  for (let at = 0; at === 0 || at < waiting.length; at += MOST) {
    const done = await exchange(core, ready, waiting.slice(at, at + MOST), sum);
    if (!done.ok) return done;
  }
  return ok(sum);
}

/**
 * One sync. A provider takes all messages or none: if it refuses, halves are tried, down to the one message that it will not
 * have, which must not hold back the others.
 */
async function exchange(
  core: Core,
  ready: Ready,
  items: readonly Entry<Uint8Array>[],
  sum: { uploaded: number; refused: number },
): Promise<Result<void, WalletRefusal>> {
  const { device, online } = ready;
  const request = await device.syncRequest();
  if (!request.ok) return request;
  const response = await online.client.sync([request.value, ...items.map(({ value }) => value)]);
  if (!response.ok) {
    if (isUnsettled(response.error) || !BLAMES_ITEM.has(response.error.code)) return response;
    return exchangeInParts(core, ready, items, sum, response.error);
  }
  const taken = await device.sync({ response: forTa(core, ready, response.value) });
  if (!taken.ok) return taken;
  await core.records.commit(...items.map(uploaded));
  sum.uploaded += items.length;
  return ok(undefined);
}

/** What a provider may say of one of the messages that come with a sync. */
const BLAMES_ITEM: ReadonlySet<string> = new Set([
  "malformed",
  "wrong-type",
  "unsupported-algorithm",
  "bad-key",
  "bad-signature",
  "missing-certificate",
  "unknown-issuer",
  "expired",
  "not-yet-valid",
  "wrong-audience",
  "wrong-currency",
  "wrong-role",
  "wrong-validity",
  "not-home",
  "too-large",
]);

async function exchangeInParts(
  core: Core,
  ready: Ready,
  items: readonly Entry<Uint8Array>[],
  sum: { uploaded: number; refused: number },
  refused: WalletRefusal,
): Promise<Result<void, WalletRefusal>> {
  const [first, ...others] = items;
  if (first === undefined) return { ok: false, error: refused };
  if (others.length === 0) {
    await core.records.commit(uploaded(first));
    sum.refused += 1;
    return exchange(core, ready, [], sum);
  }
  const half = items.length >> 1;
  const done = await exchange(core, ready, items.slice(0, half), sum);
  return done.ok ? exchange(core, ready, items.slice(half), sum) : done;
}
