import { createHash } from "node:crypto";
import { Aes128Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from "@hpke/core";
import {
  appointed,
  appointment,
  concatBytes,
  decompress,
  deviceReport,
  encode,
  institutionId,
  makerToAnybody,
  sealedUpdate,
  seconds,
  sha256,
  taEndorsement,
  taManifest,
  unwrap,
  updateInfo,
  updatePackage,
  type OemRoot,
  type SyncSigner,
  type TaManifest,
} from "@bezant/protocol";
import { OPS_TA_UUID } from "../../src/client/index.ts";
import { loadTrustedApp } from "../../src/index.ts";
import { deterministicSigner, seededRandom } from "../../src/simulation/index.ts";

const OEM = institutionId("oem");
const DEVELOPER = institutionId("ta-dev");
const AT = seconds(1_800_000_000);
const validity = { nbf: seconds(1_700_000_000), exp: seconds(1_900_000_000) };
const suite = new CipherSuite({
  kem: new DhkemP256HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes128Gcm(),
});

const signer = (name: string): SyncSigner => deterministicSigner(seededRandom(name)(32));

export type ReleaseChanges = Partial<TaManifest> & {
  readonly root?: SyncSigner;
  readonly developer?: SyncSigner;
};

/** The manufacturer of `certifyDevice`, a developer it has appointed, and its service. */
export class Maker {
  readonly root = signer("oem");
  readonly developer = signer("developer");
  readonly service = signer("service");

  get oemRoot(): OemRoot {
    return { id: OEM, key: this.root.publicKey };
  }

  /** The update to this module, as a device takes it from a file. */
  update(module: Uint8Array, changes: ReleaseChanges = {}, nonce = new Uint8Array(16)): Uint8Array {
    return encode(updatePackage, [this.release(module, changes), module, nonce]);
  }

  release(module: Uint8Array, changes: ReleaseChanges = {}): readonly [Uint8Array, Uint8Array] {
    const { root = this.root, developer = this.developer, ...fields } = changes;
    const manifest: TaManifest = {
      uuid: OPS_TA_UUID.replaceAll("-", ""),
      version: unwrap(loadTrustedApp(module)).version,
      measurement: createHash("sha256").update(module).digest(),
      size: module.length,
      minimumVersion: 1,
      ...fields,
    };
    const says = <P extends "developer" | "service">(purpose: P, key: SyncSigner) =>
      appointed(
        appointment.sign(
          {
            purpose,
            name: purpose === "developer" ? DEVELOPER : OEM,
            key: key.publicKey.compressed,
            ...validity,
          },
          makerToAnybody(OEM),
          root,
        ),
      );
    const digest = sha256(encode(taManifest.payload, manifest));
    return [
      taManifest.sign(
        manifest,
        makerToAnybody(DEVELOPER),
        developer,
        says("developer", this.developer),
      ),
      taEndorsement.sign(
        { manifest: digest, at: AT },
        makerToAnybody(OEM),
        this.service,
        says("service", this.service),
      ),
    ];
  }

  /** Seals an update for the device that made this report. */
  async seal(report: Uint8Array, update: Uint8Array): Promise<Uint8Array> {
    const { key, device, nonce } = unwrap(deviceReport.parse(report)).payload;
    const { x, y } = unwrap(decompress(key));
    const point = concatBytes(Uint8Array.of(4), x, y);
    const recipientPublicKey = await suite.kem.deserializePublicKey(point);
    const info = updateInfo({ manufacturer: OEM, device, nonce });
    const { ct, enc } = await suite.seal({ recipientPublicKey, info }, update);
    return encode(sealedUpdate, {
      encapsulated: new Uint8Array(enc),
      ciphertext: new Uint8Array(ct),
    });
  }
}
