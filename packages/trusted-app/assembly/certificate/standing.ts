import { isOver } from "../arithmetic";
import { equal, equalStrings } from "../bytes";
import { contextOfInstitution } from "../cose/context";
import { KEY_ID_SIZE } from "../cose/key";
import { isSignedBy } from "../cose/signature";
import { Typ } from "../cose/typ";
import { readStatusChunk, statusChunk } from "../messages/status-chunk";
import { epochOf, isRevokedKey } from "../state/pins";
import { T } from "../state/state";
import { Status } from "../status";
import { leaf, provider } from "./certificate";
import { certVerifyProvider, isHome, isProviderKey, issuerKey } from "./chain";

/** For so long does a list count whose issuer the provider has said nothing of: 30 days. */
const UNPINNED_AGE: u64 = 2_592_000;

/** Whether nothing vouches for the counterparty, so that the amount counts under the cap: `checkStanding` says so. */
let isUnchecked: bool = false;

/**
 * The standing of the other side's certificate, `leaf`, which `verifyHolder` has just verified at `now` with `grace`
 * (docs/protocol.md §13.6). `length` is 0 if no chunk was given.
 */
export function checkStanding(
  at: usize,
  length: u32,
  amount: u64,
  now: u64,
  grace: u64,
  revoked: Status,
  unchecked: Status,
): Status {
  isUnchecked = true;
  if (at != 0) {
    const verified = verifyChunk(at, length, now, grace);
    if (verified != Status.Ok) return verified;
    if (leaf.hasIndex && statusChunk.covers) {
      if (statusChunk.isNamed) return revoked;
      isUnchecked = !isCurrent(now);
    }
  }
  // "uncheckedValue + x <= uncheckedCap"
  return isUnchecked && isOver(T.uncheckedValue, amount, T.uncheckedCap) ? unchecked : Status.Ok;
}

/** The amount moves: "uncheckedValue + x, if the standing is unknown". */
export function countUnchecked(amount: u64): void {
  if (isUnchecked) T.uncheckedValue += amount;
}

/** "The chunk decodes, is signed by the certificate's issuer, and its signature verifies." */
function verifyChunk(at: usize, length: u32, now: u64, grace: u64): Status {
  const read = readStatusChunk(at, length, leaf.index);
  if (read != Status.Ok) return read;
  let key = issuerKey;
  // "under the key that certified the counterparty, or under providerKey if home did; otherwise with its own chain"
  if (!equal(statusChunk.kid, leaf.kid, KEY_ID_SIZE)) {
    if (isHome(leaf.issuer, leaf.issuerLength) && isProviderKey(statusChunk.kid, now, grace)) {
      key = T.providerKey;
    } else {
      const certified = certVerifyProvider(statusChunk, now, grace);
      if (certified != Status.Ok) return certified;
      if (!isLeafIssuer(provider.subject, provider.subjectLength)) return Status.NotHome;
      key = provider.key;
    }
  }
  if (isRevokedKey(statusChunk.kid, u64.MAX_VALUE)) return Status.IssuerRevoked;
  contextOfInstitution(Typ.StatusChunk, T.currency, leaf.issuer, leaf.issuerLength, 0, 0);
  return isSignedBy(statusChunk, key) ? Status.Ok : Status.BadSignature;
}

/** "Current": from the pinned epoch on; without a pin, for 30 days. */
function isCurrent(now: u64): bool {
  const epoch = epochOf(leaf.issuer, leaf.issuerLength);
  return epoch == 0 ? <u64>statusChunk.issuedAt + UNPINNED_AGE >= now : statusChunk.epoch >= epoch;
}

function isLeafIssuer(name: usize, length: u32): bool {
  return equalStrings(name, length, leaf.issuer, leaf.issuerLength);
}
