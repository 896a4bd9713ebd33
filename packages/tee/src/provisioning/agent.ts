import {
  decode,
  deviceIdOf,
  deviceReport,
  deviceToRelyingParty,
  err,
  ok,
  refusal,
  sealedUpdate,
  updatePackage,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import { nodeVerifier } from "@bezant/pki/node";
import { COMMANDS, encodeInput } from "@bezant/trusted-app/commands";
import { OPS_TA_UUID, type TeecError } from "../client/teec.ts";
import { uuidToHex } from "../client/wire.ts";
import type { Measurement } from "../os/attestation.ts";
import type { Probe, TrustedOs } from "../os/trusted-os.ts";
import type { RootOfTrust } from "../root-of-trust/root-of-trust.ts";
import { admit, type AdmitRefusal } from "./admit.ts";
import { deviceHpkeKey, openSealed, publicPartOf } from "./hpke.ts";
import { sameIdentityAndMoney } from "./same-money.ts";

/** Why a device did not install an update. It goes on with the TA that it has, unless `state` is `unknown`. */
export type UpdateRefusal = AdmitRefusal | Refusal<"malformed" | "update-unreadable"> | TeecError;

const UUID = uuidToHex(OPS_TA_UUID) ?? "";

/** What the new TA has to answer over the old one's state. */
const PROBE: Probe = {
  command: COMMANDS.GetInfo.number,
  input: encodeInput("GetInfo", {}),
  agree: sameIdentityAndMoney,
};

/** Reports what is installed and installs updates: TEEP's agent (RFC 9397), inside the trusted OS. */
export class UpdateAgent {
  readonly #trustedOs: TrustedOs;
  readonly #rootOfTrust: RootOfTrust;
  readonly #tos: Measurement;
  readonly #verifier = nodeVerifier();

  constructor(trustedOs: TrustedOs, rootOfTrust: RootOfTrust, tos: Measurement) {
    this.#trustedOs = trustedOs;
    this.#rootOfTrust = rootOfTrust;
    this.#tos = tos;
  }

  /** A signed report of what is installed, for the manufacturer that asked with this nonce. */
  async report(nonce: Uint8Array): Promise<Result<Uint8Array, Refusal<"not-updatable">>> {
    const { manufacturer, deviceKey, deviceCertificate, sign } = this.#rootOfTrust;
    if (manufacturer === undefined) return err(refusal("not-updatable"));
    const key = await publicPartOf(await deviceHpkeKey(this.#rootOfTrust));
    const device = deviceIdOf(deviceKey);
    const { measurement, version } = this.#trustedOs.installed;
    return ok(
      deviceReport.sign(
        {
          key: key.compressed,
          nonce,
          device,
          uuid: UUID,
          version,
          measurement,
          tosMeasurement: this.#tos.measurement,
          tosVersion: this.#tos.version,
        },
        deviceToRelyingParty({ device, relyingParty: manufacturer.id }),
        { publicKey: deviceKey, sign },
        { certificate: deviceCertificate },
      ),
    );
  }

  /** Installs what the manufacturer sealed in answer to the report with this nonce, and reports with the update's own. */
  async installSealed(
    bytes: Uint8Array,
    nonce: Uint8Array,
  ): Promise<Result<Uint8Array, UpdateRefusal>> {
    const { manufacturer, deviceKey } = this.#rootOfTrust;
    if (manufacturer === undefined) return err(refusal("not-updatable"));
    const sealed = decode(sealedUpdate, bytes);
    if (!sealed.ok) return err(refusal("malformed", sealed.error.code));
    const key = await deviceHpkeKey(this.#rootOfTrust);
    const parties = { manufacturer: manufacturer.id, device: deviceIdOf(deviceKey), nonce };
    const opened = await openSealed(key, sealed.value, parties);
    return opened === undefined ? err(refusal("update-unreadable")) : this.install(opened);
  }

  /** Installs an `updatePackage`, wherever it comes from: what is signed in it decides. */
  async install(bytes: Uint8Array): Promise<Result<Uint8Array, UpdateRefusal>> {
    const update = decode(updatePackage, bytes);
    if (!update.ok) return err(refusal("malformed", update.error.code));
    const [release, module, nonce] = update.value;
    const { manufacturer } = this.#rootOfTrust;
    const { installed } = this.#trustedOs;
    const device = { installed, uuid: UUID, manufacturer, verifier: this.#verifier };
    const admitted = admit(release, module, device);
    if (!admitted.ok) return admitted;
    if (admitted.value !== undefined) {
      const done = this.#trustedOs.install(admitted.value, module, PROBE);
      if (!done.ok) return done;
    }
    return this.report(nonce);
  }
}
