import { randomBytes } from "node:crypto";
import { asyncNodeVerifier } from "@bezant/pki/node";
import {
  appointed,
  appointment,
  encode,
  institutionId,
  makerToAnybody,
  seconds,
  sha256,
  taEndorsement,
  taManifest,
  taRelease,
  unwrap,
  type DeviceId,
  type OemRoot,
  type SyncSigner,
} from "@bezant/protocol";
import {
  createApp,
  createManufacturer,
  DEFAULT_POLICY,
  makerOrder,
  makerOrderContext,
  openDatabase,
  publication,
  type MakerOrder,
} from "@bezant/manufacturer";
import { newKey, START, YEAR, type Device, type Manufacturer } from "./institutions.ts";
import { TA_CODE, TOS_MEASUREMENT } from "./ta.ts";

/** A real manufacturer's server, with the TA of these tests as its only release. */
export interface ManufacturerServer {
  readonly url: string;
  readonly root: OemRoot;
  readonly enrol: (device: Device) => Promise<void>;
  readonly revoke: (device: DeviceId) => Promise<void>;
  readonly withdraw: () => Promise<void>;
  /** The encoded release, as a reference value. */
  readonly release: Uint8Array;
  readonly close: () => Promise<void>;
}

const OEM = institutionId("oem");
const UUID = "0".repeat(32);
const validity = { nbf: seconds(START - YEAR), exp: seconds(START + YEAR) };

export async function serveManufacturer(
  { key: rootKey }: Manufacturer,
  databaseUrl: string,
): Promise<ManufacturerServer> {
  const [service, developer, operator] = [newKey(), newKey(), newKey()];
  const root = { id: OEM, key: rootKey.publicKey };
  const db = unwrap(await openDatabase({ databaseUrl }));
  const manufacturer = unwrap(
    createManufacturer({
      identity: { root, appointment: appoint(rootKey, "service", service) },
      db,
      signer: {
        publicKey: service.publicKey,
        sign: (message) => Promise.resolve(service.sign(message)),
      },
      verifier: asyncNodeVerifier(),
      clock: { now: () => START },
      random: (length) => randomBytes(length),
      policy: {
        ...DEFAULT_POLICY,
        trustedOses: [{ measurement: TOS_MEASUREMENT, version: 1 }],
      },
      secret: randomBytes(32),
      operators: [operator.publicKey],
    }),
  );
  const app = await createApp(manufacturer, db);
  const signed = (order: MakerOrder) => makerOrder.sign(order, makerOrderContext(OEM), operator);
  const order = async (content: MakerOrder): Promise<void> => {
    unwrap(await manufacturer.carryOut(signed(content)));
  };
  const developed = developedBy(rootKey, developer);
  const ordered = signed({
    kind: "publish",
    manifest: manifestDigest(),
  });
  const release = unwrap(
    await manufacturer.publish(encode(publication, [ordered, developed, TA_CODE])),
  );
  return {
    url: await app.listen({ host: "127.0.0.1", port: 0 }),
    root,
    release,
    enrol: ({ certificate }) => order({ kind: "enrol", certificate }),
    revoke: (device) => order({ kind: "revoke", device }),
    withdraw: () => order({ kind: "withdraw", uuid: UUID, version: 1 }),
    close: async () => {
      await app.close();
      await db.close();
    },
  };
}

/** A release of the TA of these tests, without a server: as a file of reference values holds it. */
export function releaseOf({ key: rootKey }: Manufacturer): Uint8Array {
  const [service, developer] = [newKey(), newKey()];
  const endorsement = taEndorsement.sign(
    { manifest: manifestDigest(), at: START },
    makerToAnybody(OEM),
    service,
    appointed(appoint(rootKey, "service", service)),
  );
  return encode(taRelease, [developedBy(rootKey, developer), endorsement]);
}

function appoint(
  rootKey: SyncSigner,
  purpose: "service" | "developer",
  who: SyncSigner,
): Uint8Array {
  const payload = { purpose, name: OEM, key: who.publicKey.compressed, ...validity };
  return appointment.sign(payload, makerToAnybody(OEM), rootKey);
}

const manifest = {
  uuid: UUID,
  version: 1,
  measurement: sha256(TA_CODE),
  size: TA_CODE.length,
  minimumVersion: 1,
};

function manifestDigest(): Uint8Array {
  return sha256(encode(taManifest.payload, manifest));
}

function developedBy(rootKey: SyncSigner, developer: SyncSigner): Uint8Array {
  const attached = appointed(appoint(rootKey, "developer", developer));
  return taManifest.sign(manifest, makerToAnybody(OEM), developer, attached);
}
