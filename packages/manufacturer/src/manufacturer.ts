import {
  encode,
  err,
  ok,
  refusal,
  taRelease,
  type InstitutionId,
  type OemRoot,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import { fromDatabase } from "@bezant/service";
import { appraise } from "./attestation/appraise.ts";
import { makeChallenge, type Challenge } from "./core/challenge.ts";
import { createCore } from "./core/core.ts";
import type { ManufacturerParts } from "./core/parts.ts";
import { carryOut, carryOutPublication, type Carried } from "./operator/carry-out.ts";
import { allReleases, findRelease, type ReleaseRow } from "./release/store.ts";
import { confirmInstallation, type Installation } from "./update/confirm.ts";
import { offerUpdate } from "./update/offer.ts";

type Answer<T = Uint8Array> = Promise<Result<T, Refusal>>;

/**
 * The operations of a manufacturer, one for each route of the protocol document's §17.4. Bodies and answers are the bytes
 * of that section. Each may be repeated.
 */
export interface Manufacturer {
  readonly info: {
    readonly id: InstitutionId;
    readonly root: OemRoot;
    readonly appointment: Uint8Array;
  };
  /** OEMVerify. `attestationQuery` → `attestationResult`. @param from who has proved to be asking, for itself alone */
  readonly appraise: (body: Uint8Array, from?: InstitutionId) => Answer;
  readonly releases: () => Answer<readonly ReleaseRow[]>;
  /** A `taRelease`: reference value, and what a device installs from a file. */
  readonly release: (uuid: string, version: number) => Answer;
  /** A nonce for a device's report. */
  readonly challenge: () => Challenge;
  /** `deviceReport` → `updateAnswer`. */
  readonly offerUpdate: (body: Uint8Array) => Answer;
  /** `deviceReport` with an update's nonce → what is installed. */
  readonly confirmInstallation: (body: Uint8Array) => Answer<Installation>;
  /** `makerOrder`: enrol, revoke, withdraw. */
  readonly carryOut: (body: Uint8Array) => Answer<Carried>;
  /** `publication` → `taRelease`. */
  readonly publish: (body: Uint8Array) => Answer;
  /** Whether the database answers. */
  readonly ready: () => Answer<void>;
}

/** Fails where the root has not appointed the signer as its service, or not for now. */
export function createManufacturer(parts: ManufacturerParts): Result<Manufacturer, Refusal> {
  const created = createCore(parts);
  if (!created.ok) return created;
  const core = created.value;
  const { root, appointment } = parts.identity;
  return ok({
    info: { id: root.id, root, appointment },
    appraise: (body, from) => appraise(core, body, from),
    releases: () => allReleases(core.db),
    release: async (uuid, version) => {
      const found = await findRelease(core.db, uuid, version);
      if (!found.ok) return found;
      if (found.value === undefined) return err(refusal("unknown-release"));
      const { manifest, endorsement, isWithdrawn } = found.value;
      return isWithdrawn
        ? err(refusal("release-withdrawn"))
        : ok(encode(taRelease, [manifest, endorsement]));
    },
    challenge: () => makeChallenge(core),
    offerUpdate: (body) => offerUpdate(core, body),
    confirmInstallation: (body) => confirmInstallation(core, body),
    carryOut: (body) => carryOut(core, body),
    publish: (body) => carryOutPublication(core, body),
    ready: async () => {
      const answered = await parts.db.query("SELECT 1");
      return answered.ok ? ok(undefined) : err(fromDatabase(answered.error));
    },
  });
}
