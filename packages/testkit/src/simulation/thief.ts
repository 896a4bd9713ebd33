import {
  deviceIdOf,
  deviceToRelyingParty,
  evidence,
  institutionId,
  thumbprint,
  type Evidence,
  type Root,
  type SyncSigner,
} from "@bezant/protocol";
import type { Random, TrustedApp } from "@bezant/tee";
import { TOS } from "../device.ts";
import { Institutions } from "../institutions.ts";
import type { SimulatedCryptography } from "./cryptography.ts";

const LEVEL = 1;

/**
 * Somebody who has keys of his own, and a device that its manufacturer has certified, on which he runs what he likes: its trusted OS says
 * the truth about that, and a TA of his would do as he says.
 */
export class Thief {
  /** His wallet's key, and that of the TA which he would like to have. */
  readonly signer: SyncSigner;
  /** Certificates of his wallet, by provider. */
  readonly certificates = new Map<string, Uint8Array>();
  readonly #device: SyncSigner;
  readonly #certificate: Uint8Array;
  /** The same from a manufacturer whom nobody knows. */
  readonly #uncertified: Uint8Array;
  readonly #good: Evidence["measurements"];

  constructor(
    { root, certifyDevice }: Institutions,
    { newSigner }: SimulatedCryptography,
    trustedApp: TrustedApp,
    random: Random,
  ) {
    this.signer = newSigner(random);
    this.#device = newSigner(random);
    const device = { key: this.#device.publicKey.compressed, securityLevel: LEVEL } as const;
    this.#certificate = certifyDevice(device);
    const others = new Institutions(() => newSigner(random));
    this.#uncertified = others.certifyDevice(device);
    this.#good = goodFor(root, trustedApp);
  }

  /** What his device says of his own key, with one thing wrong about it: as often as not, that the TA is none that a provider knows. */
  attest(relyingParty: string, nonce: Uint8Array, chance: number): Uint8Array {
    const wrong: readonly Partial<Evidence["measurements"]>[] = [
      { taMeasurement: this.#good.tosMeasurement },
      { tosMeasurement: this.#good.taMeasurement },
      { securityLevel: 3 },
      { anchor: thumbprint(this.signer.publicKey) },
    ];
    const which = chance % 2 === 0 ? 0 : (chance >>> 1) % (wrong.length + 2);
    const device = deviceIdOf(this.#device.publicKey);
    const said: Evidence = {
      key: this.signer.publicKey.compressed,
      nonce,
      device,
      debug: which === wrong.length ? 0 : 1,
      measurements: { ...this.#good, ...wrong[which] },
    };
    const context = deviceToRelyingParty({ device, relyingParty: institutionId(relyingParty) });
    const certificate = which > wrong.length ? this.#uncertified : this.#certificate;
    return evidence.sign(said, context, this.#device, { certificate });
  }
}

/** What every provider takes. */
function goodFor(root: Root, { measurement, version }: TrustedApp): Evidence["measurements"] {
  return {
    taMeasurement: measurement,
    taVersion: version,
    tosMeasurement: TOS.measurement,
    tosVersion: TOS.version,
    securityLevel: LEVEL,
    anchor: thumbprint(root.key),
  };
}
