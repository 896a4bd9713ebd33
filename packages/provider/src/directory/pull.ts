import {
  decodeSequence,
  equalBytes,
  err,
  isTakenBack,
  MAX_MESSAGE,
  ok,
  readProviderEntry,
  refusal,
  type InstitutionId,
  type ProviderEntry,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { keepEntry, readEntry } from "./store.ts";
import { verifyEntry } from "./verify.ts";

/** Entries in one page (§16.5), and pages that are read at most: more providers than any currency has. */
const PAGE = 256;
const MAX_PAGES = 256;

type Read = (after: string) => Promise<Result<Uint8Array, Refusal>>;

/**
 * Reads the central bank's directory, and keeps of each other provider what is newer than what is known. What does not verify says
 * nothing, and keeps no other entry out.
 * @returns the own entry in it
 */
export async function pullDirectory(
  core: Core,
  read: Read,
): Promise<Result<ProviderEntry | undefined, Refusal>> {
  let own: ProviderEntry | undefined;
  let after = "";
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer = await read(after);
    if (!answer.ok) return answer;
    const items = decodeSequence(answer.value, { maxItems: PAGE, maxItemSize: MAX_MESSAGE });
    if (!items.ok) return err(refusal("malformed", items.error.code));
    for (const item of items.value) {
      // Where to go on reading, whatever else is in it.
      const name = readProviderEntry(item)?.provider;
      if (name === undefined) return err(refusal("malformed", "no entry of a provider"));
      after = name;
      if (name === core.identity.id) own = await readOwn(core, item);
      else {
        const kept = await keepIfNew(core, name, item);
        if (!kept.ok) return kept;
      }
    }
    if (items.value.length < PAGE) break;
  }
  return ok(own);
}

async function readOwn(core: Core, item: Uint8Array): Promise<ProviderEntry | undefined> {
  const verified = await verifyEntry(core, item);
  return verified.ok ? verified.value.payload : undefined;
}

const DATABASE: readonly string[] = ["unavailable", "commit-unknown"];

async function keepIfNew(
  core: Core,
  name: InstitutionId,
  item: Uint8Array,
): Promise<Result<void, Refusal>> {
  const { db, trust, clock } = core;
  const known = await readEntry(db, name);
  if (!known.ok) return known;
  if (known.value !== undefined && equalBytes(known.value, item)) return ok(undefined);
  const verified = await verifyEntry(core, item);
  if (!verified.ok) {
    return DATABASE.includes(verified.error.code) ? verified : ok(undefined);
  }
  const isVoid = known.value !== undefined && isTakenBack(known.value, { trust, now: clock.now() });
  return keepEntry(db, verified.value, isVoid);
}
