import {
  err,
  MAX_COUNTER,
  ok,
  providerEntry,
  refusal,
  seconds,
  type ProviderEntry,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { say } from "../settlement/speak.ts";
import { pullDirectory } from "./pull.ts";

/** An entry lasts a week, and is renewed after half of it: who is gone soon leaves the directory. */
const LASTS = 7 * 86_400;

/**
 * Learns from the central bank's directory where other providers are reached, and says there where this one is (§16.5). What the
 * directory has decides whether there is something to say, so nothing has to be remembered: a database that was restored does no harm.
 */
export async function exchangeEntries(core: Core): Promise<Result<void, Refusal>> {
  const { centralBank, providerAt } = core;
  if (centralBank?.directory === undefined || providerAt === undefined) return ok(undefined);
  const { read, enter } = centralBank.directory;
  const own = await pullDirectory(core, read);
  if (!own.ok) return own;
  const entry = nextEntry(core, own.value);
  if (entry === undefined) return ok(undefined);
  if (entry.sequence > MAX_COUNTER) return err(refusal("entry-outdated", "no number is left"));
  const entered = await enter(await say(core, providerEntry, entry));
  return entered.ok ? ok(undefined) : entered;
}

/** What to say, if anything: nothing while the own entry is right and not half over. */
function nextEntry(
  { clock, address }: Core,
  own: ProviderEntry | undefined,
): ProviderEntry | undefined {
  if (address === undefined) return undefined;
  const now = clock.now();
  if (own?.address === address && 2 * (own.end - now) > own.end - own.at) return undefined;
  // The time is ahead of every number that was used before, also where nobody remembers it.
  const sequence = Math.max(now, (own?.sequence ?? 0) + 1);
  return { sequence, at: now, end: seconds(now + LASTS), address };
}
