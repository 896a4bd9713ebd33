import type { Refusal, Result, RevokedKey, VerifiedInstitutionStatus } from "@bezant/protocol";
import { acceptLists } from "@bezant/service/institutions";
import type { Core } from "../core/core.ts";
import { insertRevokedKey } from "../status/revocations.ts";

/** Takes lists as every institution does; what they revoke TAs learn, too, at their next sync. */
export function acceptAndTell(core: Core, body: Uint8Array): Promise<Result<Uint8Array, Refusal>> {
  return acceptLists(core, body, async (transaction, list) => {
    for (const [kid, since] of keysFor(core, list)) {
      await insertRevokedKey(transaction, { kid, since }, core.clock.now());
    }
  });
}

/** What TAs are to know: of an intermediary's list not the keys that another one is known to have certified. */
function keysFor(
  { trust }: Core,
  { issuer, ofRoot, list }: VerifiedInstitutionStatus,
): readonly RevokedKey[] {
  if (ofRoot) return list.revoked;
  return list.revoked.filter(([kid]) => {
    const known = trust.findByKey(kid);
    return known === undefined || known.provider.claims.iss === issuer;
  });
}
