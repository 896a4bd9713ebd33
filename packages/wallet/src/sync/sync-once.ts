import { counter, ok, syncResponse, unwrap, type Result } from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { forTa } from "../core/envelope.ts";
import type { Ready } from "../core/identity.ts";
import { padded } from "../core/sequence.ts";
import { isUnsettled } from "../core/stop.ts";
import { OUTGOING, parsePaymentKey, paymentKey } from "../payment/records.ts";
import type { WalletRefusal } from "../refusals.ts";
import type { Entry } from "../store/records.ts";
import type { Change } from "../store/store.ts";
import { upload, uploaded, uploads } from "./uploads.ts";

/** Messages in one sync at most. */
const MOST = 1024;

export type Synced = {
  /** Payments and outcomes that the provider now has. */
  readonly uploaded: number;
  /** Those that it refused; they are not sent again. */
  readonly refused: number;
};

type Sum = { uploaded: number; refused: number; rounds: number };

/**
 * Tells the home provider how the TA stands (protocol document §12), with the payments and outcomes that it has not got, and gives
 * the TA its answer. The TA counts only the answer to its last request, so an interrupted sync is simply begun anew.
 * Whoever calls has the turn `sync`.
 */
export async function syncOnce(core: Core, ready: Ready): Promise<Result<Synced, WalletRefusal>> {
  const sum: Sum = { uploaded: 0, refused: 0, rounds: 0 };
  for (;;) {
    const waiting = (await uploads(core.records)).slice(0, MOST);
    if (waiting.length === 0 && sum.rounds > 0) {
      const { uploaded: count, refused } = sum;
      return ok({ uploaded: count, refused });
    }
    const done = await exchange(core, ready, waiting, sum);
    if (!done.ok) return done;
  }
}

/**
 * One sync. A provider takes all messages or none: if it refuses, halves are tried, down to the one message that it will not
 * have, which must not hold back the others.
 */
async function exchange(
  core: Core,
  ready: Ready,
  items: readonly Entry<Uint8Array>[],
  sum: Sum,
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
  // Once in a sync is enough: a provider that does not keep what it is given would be given it for ever.
  const lost = sum.rounds === 0 ? await missing(core, ready, response.value) : [];
  await core.records.commit(...items.map(uploaded), ...lost);
  sum.rounds += 1;
  sum.uploaded += items.length;
  return ok(undefined);
}

/** Payments that the provider had once and has lost, as after a restore from a backup: they go up again. */
async function missing(core: Core, { ta }: Ready, response: Uint8Array): Promise<Change[]> {
  const { stored } = unwrap(syncResponse.parse(response)).payload;
  const next = paymentKey(ta, counter(stored + 1));
  if ((await core.records.get(OUTGOING, next)) === undefined) return [];
  const paid = await core.records.list(OUTGOING, `${ta}/`);
  const lost = paid.filter(({ key }) => key >= next);
  return lost.map(({ key, value }) => upload(value.payment, padded(parsePaymentKey(key).j)));
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
  sum: Sum,
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
