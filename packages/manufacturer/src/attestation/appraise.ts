import {
  appointed,
  attestationQuery,
  attestationResult,
  decode,
  equalBytes,
  err,
  evidenceVerify,
  makerToRelyingParty,
  malformed,
  ok,
  refusal,
  runChecksAsync,
  seconds,
  type Appraisal,
  type AppraisalReason,
  type Evidence,
  type InstitutionId,
  type Refusal,
  type Release,
  type Result,
  type SecurityLevel,
} from "@bezant/protocol";
import { checkService, type Core } from "../core/core.ts";
import { findDevice } from "../device/store.ts";
import { allReleases, type ReleaseRow } from "../release/store.ts";

/** OEMVerify (protocol document §17.3): `attestationQuery` → `attestationResult`, for the relying party that asks. */
export async function appraise(
  core: Core,
  body: Uint8Array,
  from?: InstitutionId,
): Promise<Result<Uint8Array, Refusal>> {
  const { identity, clock, verifier, db, policy, signer } = core;
  const query = decode(attestationQuery, body);
  if (!query.ok) return err(malformed(query.error));
  const ended = checkService(core);
  if (ended !== undefined) return err(ended);
  const [relyingParty, nonce, evidence] = query.value;
  if (from !== undefined && from !== relyingParty) {
    return err(refusal("wrong-peer", `${from} does not ask for ${relyingParty}`));
  }
  const at = clock.now();
  const input = { oemRoots: [identity.root], relyingParty, nonce, now: at };
  const pending = evidenceVerify(evidence, input);
  const verified = pending.ok ? await runChecksAsync(pending.value, verifier) : pending;
  if (!verified.ok) return verified;
  const { evidence: said, device } = verified.value;
  const row = await findDevice(db, device.id);
  if (!row.ok) return row;
  if (row.value === undefined) return err(refusal("unknown-device"));
  const releases = await allReleases(db);
  if (!releases.ok) return releases;
  const verdict = verdictOn(said, {
    isRevoked: row.value.revokedAt !== undefined,
    certifiedLevel: device.claims.securityLevel,
    releases: releases.value,
    trustedOses: policy.trustedOses,
  });
  const payload = { ...said, at, exp: seconds(at + policy.resultSeconds), verdict };
  const { name: manufacturer } = core.appointed;
  const context = makerToRelyingParty({ manufacturer, relyingParty });
  const attached = appointed(identity.appointment);
  return ok(await attestationResult.signAsync(payload, context, signer, attached));
}

interface Known {
  readonly isRevoked: boolean;
  readonly certifiedLevel: SecurityLevel;
  readonly releases: readonly ReleaseRow[];
  readonly trustedOses: readonly Release[];
}

/** The first reason that applies, in the order of the protocol document. */
function verdictOn({ measurements, debug }: Evidence, known: Known): Appraisal {
  const against = (reason: AppraisalReason): Appraisal => ({ status: "contraindicated", reason });
  if (known.isRevoked) return against("device-revoked");
  const { taMeasurement, taVersion, tosMeasurement, tosVersion, securityLevel } = measurements;
  const release = known.releases.find((each) => isThis(each, taMeasurement, taVersion));
  const isKnownOs = known.trustedOses.some((each) => isThis(each, tosMeasurement, tosVersion));
  if (release === undefined || release.isWithdrawn || !isKnownOs) {
    return against("untrusted-measurement");
  }
  if (debug === 0) return against("debug-enabled");
  if (securityLevel > known.certifiedLevel) return against("security-level");
  const isOutdated = known.releases.some(
    ({ uuid, version, isWithdrawn }) =>
      uuid === release.uuid && version > release.version && !isWithdrawn,
  );
  return isOutdated ? { status: "warning", reason: "outdated" } : { status: "affirming" };
}

function isThis(release: Release, measurement: Uint8Array, version: number): boolean {
  return release.version === version && equalBytes(release.measurement, measurement);
}
