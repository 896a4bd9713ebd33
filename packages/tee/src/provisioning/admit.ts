import { hash } from "node:crypto";
import {
  equalBytes,
  err,
  ok,
  refusal,
  releaseVerify,
  runChecks,
  type OemRoot,
  type Refusal,
  type ReleaseRefusal,
  type Result,
  type TaManifest,
  type Verifier,
} from "@bezant/protocol";
import type { Measurement } from "../os/attestation.ts";
import { loadTrustedApp } from "../os/load-trusted-app.ts";
import type { TrustedApp } from "../os/trusted-app.ts";

export type AdmitRefusal =
  | ReleaseRefusal
  | Refusal<
      "bad-signature" | "not-updatable" | "update-downgrade" | "update-gap" | "update-refused"
    >;

/** A TA that may be installed; undefined: it is the one that is. */
export type Admitted = TrustedApp | undefined;

/** Whether a release may take the place of the TA that is installed (protocol document §17.4, rule 2). */
export function admit(
  release: readonly [Uint8Array, Uint8Array],
  module: Uint8Array,
  device: {
    readonly installed: Measurement;
    readonly uuid: string;
    readonly manufacturer: OemRoot | undefined;
    readonly verifier: Verifier;
  },
): Result<Admitted, AdmitRefusal> {
  const { installed, uuid, manufacturer, verifier } = device;
  if (manufacturer === undefined) return err(refusal("not-updatable"));
  const pending = releaseVerify(release, { roots: [manufacturer] });
  const verified = pending.ok ? runChecks(pending.value, verifier) : pending;
  if (!verified.ok) return verified;
  const { manifest } = verified.value;
  const measurement = new Uint8Array(hash("sha256", module, "buffer"));
  const isIts =
    manifest.uuid === uuid &&
    manifest.size === module.length &&
    equalBytes(manifest.measurement, measurement);
  if (!isIts) return err(refusal("wrong-release"));
  const refused = checkVersion(manifest, installed);
  if (refused !== undefined) return err(refused);
  if (manifest.version === installed.version) return ok(undefined);
  const trustedApp = loadTrustedApp(module);
  if (!trustedApp.ok) return err(refusal("update-refused", trustedApp.error.detail));
  return trustedApp.value.version === manifest.version
    ? ok(trustedApp.value)
    : err(refusal("wrong-release", "the module says another version of itself"));
}

function checkVersion(
  { version, minimumVersion, measurement }: TaManifest,
  installed: Measurement,
): AdmitRefusal | undefined {
  if (version < installed.version) return refusal("update-downgrade");
  // One version is one module, for ever.
  const isSame = equalBytes(measurement, installed.measurement);
  if (version === installed.version) return isSame ? undefined : refusal("wrong-release");
  return installed.version < minimumVersion ? refusal("update-gap") : undefined;
}
