import { createHash, randomBytes } from "node:crypto";
import { asyncNodeVerifier, generatePrivateKey, nodeSigner } from "@bezant/pki/node";
import {
  appointed,
  appointment,
  attestationQuery,
  decode,
  deviceToRelyingParty,
  encode,
  evidence,
  institutionId,
  makerToAnybody,
  seconds,
  sha256,
  signCertificate,
  taManifest,
  unwrap,
  updateAnswer,
  type DeviceId,
  type Evidence,
  type OemRoot,
  type SyncSigner,
  type TaManifest,
} from "@bezant/protocol";
import {
  createDatabase,
  injected,
  useServer,
  withClient,
  type Http,
  type Reply,
} from "@bezant/service/testing";
import { DEFAULT_HTTP } from "@bezant/service/http";
import {
  loadTrustedApp,
  makeDevice,
  makePrivateKey,
  nodeSignerFactory,
  opsTrustedApp,
  shipModule,
  startDevice,
  type DeviceToCertify,
  type RunningDevice,
} from "@bezant/tee";
import { connectInProcess, OPS_TA_UUID } from "@bezant/tee/client";
import { MemoryFiles } from "@bezant/tee/simulation";
import { COMMANDS, encodeInput, readAnswer } from "@bezant/trusted-app/commands";
import { afterAll, beforeAll } from "vitest";
import {
  createApp,
  createManufacturer,
  DEFAULT_POLICY,
  makerOrder,
  makerOrderContext,
  openDatabase,
  publication,
  type MakerOrder,
  type Manufacturer,
} from "../../src/index.ts";

const START = 1_800_000_000;
const validity = { nbf: seconds(START - 1000), exp: seconds(START + 100_000) };
export const OEM = institutionId("oem");
export const BANK = institutionId("bank-a");
const TOS = { measurement: new Uint8Array(32).fill(7), version: 1 };
export const UUID = OPS_TA_UUID.replaceAll("-", "");

const newKey = (): SyncSigner => nodeSigner(generatePrivateKey());
const asSigner = ({ publicKey, sign }: SyncSigner) => ({
  publicKey,
  sign: (message: Uint8Array) => Promise.resolve(sign(message)),
});

/** A manufacturer's server on a real database, its offline root, a developer, and devices. */
export class World {
  readonly http: Http;
  readonly manufacturer: Manufacturer;
  readonly root: SyncSigner;
  readonly developer = newKey();
  readonly operator: SyncSigner;
  readonly url: string;
  now = START;

  private constructor(
    http: Http,
    manufacturer: Manufacturer,
    root: SyncSigner,
    operator: SyncSigner,
    url: string,
  ) {
    this.http = http;
    this.manufacturer = manufacturer;
    this.root = root;
    this.operator = operator;
    this.url = url;
  }

  static async make(url: string): Promise<{ world: World; close: () => Promise<void> }> {
    const [root, service, operator] = [newKey(), newKey(), newKey()];
    const db = unwrap(await openDatabase({ databaseUrl: url }));
    const made: { world?: World } = {};
    const manufacturer = unwrap(
      createManufacturer({
        identity: {
          root: { id: OEM, key: root.publicKey },
          appointment: appointment.sign(
            { purpose: "service", name: OEM, key: service.publicKey.compressed, ...validity },
            makerToAnybody(OEM),
            root,
          ),
        },
        db,
        signer: asSigner(service),
        verifier: asyncNodeVerifier(),
        clock: { now: () => seconds(made.world?.now ?? START) },
        random: (length) => randomBytes(length),
        policy: { ...DEFAULT_POLICY, trustedOses: [TOS] },
        secret: randomBytes(32),
        operators: [operator.publicKey],
      }),
    );
    const app = await createApp(manufacturer, db, {
      ...DEFAULT_HTTP,
      requestsPerMinute: 1_000_000,
    });
    const world = new World(
      injected(() => app),
      manufacturer,
      root,
      operator,
      url,
    );
    made.world = world;
    const close = async (): Promise<void> => {
      await app.close();
      await db.close();
    };
    return { world, close };
  }

  get oemRoot(): OemRoot {
    return { id: OEM, key: this.root.publicKey };
  }

  certifyDevice = ({ key, securityLevel }: DeviceToCertify, root = this.root): Uint8Array =>
    signCertificate({ role: "device", iss: OEM, key, serial: 1, securityLevel, ...validity }, root);

  order(order: MakerOrder, key = this.operator, http = this.http): Promise<Reply> {
    return http.cose("/operator/v1/orders", makerOrder.sign(order, makerOrderContext(OEM), key));
  }

  manifest(
    module: Uint8Array,
    changes: Partial<TaManifest> = {},
    key = this.developer,
  ): Uint8Array {
    const payload: TaManifest = {
      uuid: UUID,
      version: unwrap(loadTrustedApp(module)).version,
      measurement: createHash("sha256").update(module).digest(),
      size: module.length,
      minimumVersion: 1,
      ...changes,
    };
    const name = institutionId("ta-dev");
    const own = appointment.sign(
      { purpose: "developer", name, key: this.developer.publicKey.compressed, ...validity },
      makerToAnybody(OEM),
      this.root,
    );
    return taManifest.sign(payload, makerToAnybody(name), key, appointed(own));
  }

  publish(
    module: Uint8Array,
    manifest = this.manifest(module),
    key = this.operator,
  ): Promise<Reply> {
    const { payloadBytes } = unwrap(taManifest.parse(manifest));
    const order = makerOrder.sign(
      { kind: "publish", manifest: sha256(payloadBytes) },
      makerOrderContext(OEM),
      key,
    );
    const body = encode(publication, [order, manifest, module]);
    return this.http.post("/operator/v1/releases", body, "application/cbor");
  }

  /** A device of this maker's, with an initialised TA; enrolled unless told otherwise. */
  async device({ enrolled = true, tos = TOS } = {}): Promise<TestDevice> {
    const files = new MemoryFiles();
    const random = (length: number): Uint8Array => randomBytes(length);
    const privateKey = makePrivateKey(random);
    const key = nodeSignerFactory(privateKey);
    const certificate = this.certifyDevice({
      key: key.publicKey.compressed,
      securityLevel: 1,
    });
    const identity = { privateKey, certificate };
    const module = opsTrustedApp();
    const app = unwrap(loadTrustedApp(module));
    const { deviceId } = unwrap(
      await makeDevice(files, app, { identity, random, manufacturer: this.oemRoot }),
    );
    shipModule(files, module);
    if (enrolled) (await this.order({ kind: "enrol", certificate })).json();
    const running = unwrap(startDevice(files, { random, tos }));
    const device = new TestDevice(this, deviceId, key, certificate, running);
    await device.call("Init", encodeInput("Init", { anchor: anchor() }));
    return device;
  }

  /** The nonce of the last update sealed for a device, which only that device can read. */
  offerOf(device: DeviceId): Promise<Uint8Array> {
    return withClient(this.url, async (client) => {
      const found = await client.query<{ nonce: Buffer }>(
        "SELECT nonce FROM offers WHERE device_id = $1 ORDER BY offered_at DESC LIMIT 1",
        [Buffer.from(device, "hex")],
      );
      return new Uint8Array(found.rows[0]!.nonce);
    });
  }

  async challenge(): Promise<Uint8Array> {
    const reply = await this.http.json("/oem/v1/challenges", {});
    return Buffer.from((reply.json() as { nonce: string }).nonce, "hex");
  }

  attestation(
    said: Uint8Array,
    nonce: Uint8Array,
    relyingParty = BANK,
    http = this.http,
  ): Promise<Reply> {
    const body = encode(attestationQuery, [relyingParty, nonce, said]);
    return http.post("/oem/v1/attestations", body, "application/cbor");
  }
}

function anchor(): Uint8Array {
  return Buffer.from(newKey().publicKey.compressed, "hex");
}

export class TestDevice {
  readonly world: World;
  readonly id: DeviceId;
  readonly key: SyncSigner;
  readonly certificate: Uint8Array;
  readonly running: RunningDevice;

  constructor(
    world: World,
    id: DeviceId,
    key: SyncSigner,
    certificate: Uint8Array,
    running: RunningDevice,
  ) {
    this.world = world;
    this.id = id;
    this.key = key;
    this.certificate = certificate;
    this.running = running;
  }

  async call(name: "Init" | "Attest" | "GetInfo", input: Uint8Array): Promise<Uint8Array> {
    const session = unwrap(await connectInProcess(this.running.trustedOs).openSession(OPS_TA_UUID));
    const answer = unwrap(await session.invokeCommand(COMMANDS[name].number, input));
    unwrap(readAnswer(name, answer) as never);
    return answer.output;
  }

  evidence(nonce: Uint8Array): Promise<Uint8Array> {
    return this.call("Attest", encodeInput("Attest", { audience: BANK, nonce }));
  }

  /** What a broken device could say: its own evidence with some of it changed, signed by its key. */
  async claims(
    nonce: Uint8Array,
    changes: Partial<Evidence>,
    measured: Partial<Evidence["measurements"]> = {},
  ): Promise<Uint8Array> {
    const { payload } = unwrap(evidence.parse(await this.evidence(nonce)));
    const measurements = { ...payload.measurements, ...measured };
    const context = deviceToRelyingParty({ device: this.id, relyingParty: BANK });
    const attached = { certificate: this.certificate };
    return evidence.sign({ ...payload, ...changes, measurements }, context, this.key, attached);
  }

  async report(nonce?: Uint8Array): Promise<Uint8Array> {
    return unwrap(await this.running.agent.report(nonce ?? (await this.world.challenge())));
  }

  /** Asks for an update. */
  async ask(report: Uint8Array) {
    const reply = await this.world.http.cose("/oem/v1/updates", report);
    return unwrap(decode(updateAnswer, reply.bytes()));
  }
}

export function useWorld(): () => World {
  const server = useServer();
  let made: Awaited<ReturnType<typeof World.make>> | undefined;
  beforeAll(async () => {
    made = await World.make(await createDatabase(server()));
  });
  afterAll(() => made?.close());
  return () => made!.world;
}
