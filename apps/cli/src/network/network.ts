import { mkdtempSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { certifyDevice } from "@bezant/pki";
import { ok, unwrap, type Currency, type Result, type Seconds } from "@bezant/protocol";
import { createDevice } from "@bezant/tee";
import { spawnTee, type StartFault, type TeeProcess } from "@bezant/tee/process";
import { writeCentralBankConfig } from "../central-bank/config-file.ts";
import { bankOperatorAt, type BankOperator } from "../central-bank/operator.ts";
import { removeSocket, socketOf } from "../device/socket.ts";
import { rootOf } from "../manufacturer/appoint.ts";
import { Failure } from "../failure.ts";
import { writeHexFile } from "../files.ts";
import { balanceOption } from "../options.ts";
import { writeProviderConfig, type ProviderSettings } from "../provider/config-file.ts";
import { operatorAt, type Operator } from "../provider/operator.ts";
import { ownFetch } from "../service/tls.ts";
import { foundInstitutions, type Institutions } from "./institutions.ts";
import { certificateIn, PROVIDERS, type Layout, type ProviderName } from "./layout.ts";
import {
  configureManufacturer,
  startManufacturer,
  type Manufacturer,
  type ManufacturerUrls,
} from "./manufacturer.ts";
import { reservePort } from "./reserve-port.ts";
import { spawnService, type ServiceProcess } from "./service-process.ts";

/** What devices may do in a network for demonstration. */
const LIMITS = {
  version: 1,
  maxHolding: balanceOption("500.00"),
  maxPayment: balanceOption("100.00"),
  maxCount: 50,
  maxValue: balanceOption("300.00"),
  noPinCap: balanceOption("50.00"),
};
/** So much more its clients may take offline at a time, by the central bank's leave. */
const ALLOWANCE_STEP = balanceOption("100.00");
const DEVICE_DAYS = 3650;

/** A network of real processes on this machine. Whatever it has started ends with `stop`. */
export class Network {
  readonly layout: Layout;
  readonly currency: Currency;
  /** A folder with a short path, for sockets; closed to other users. */
  readonly sockets = shortFolder();
  readonly #now: () => Seconds;
  readonly #devices = new Map<string, TeeProcess>();
  #founded: Founded | undefined;
  #centralBank: ServiceProcess | undefined;
  #bankFetch: Awaited<ReturnType<typeof ownFetch>> | undefined;
  #manufacturer: Manufacturer | undefined;
  readonly #providers = new Map<ProviderName, ServiceProcess>();
  #starting: Promise<unknown> = Promise.resolve();
  #ended = false;

  constructor(layout: Layout, currency: Currency, now: () => Seconds) {
    this.layout = layout;
    this.currency = currency;
    this.#now = now;
  }

  /**
   * Makes keys, certificates and the configurations of the servers. Nothing runs yet.
   * @param options whether providers settle, and whether they ask the manufacturer about each device
   */
  async found({
    settles = true,
    asksManufacturer = true,
    allowanceStep = ALLOWANCE_STEP,
  } = {}): Promise<Institutions> {
    const { layout, currency } = this;
    const institutions = await foundInstitutions(layout, currency, this.#now());
    const centralBank = await this.#configureCentralBank(institutions);
    const manufacturer = await configureManufacturer(layout, institutions);
    const urls = new Map<ProviderName, string>();
    const links = {
      // In a demonstration settling is a step to be seen.
      ...(settles ? { centralBank, allowanceStep, settleEvery: 0 } : {}),
      ...(asksManufacturer ? { verifiers: [this.#verifier(manufacturer)] } : {}),
    };
    const ports = new Map<ProviderName, number>();
    for (const id of PROVIDERS) ports.set(id, await reservePort());
    for (const id of PROVIDERS) {
      const port = ports.get(id);
      // Providers find one another in the central bank's directory.
      const institutionsAddress = `https://127.0.0.1:${port}`;
      const own = { ...links, institutionsPort: port, institutionsAddress };
      urls.set(id, await this.#configureProvider(id, institutions, own));
    }
    for (const folder of ["devices", "wallets"]) await mkdir(join(layout.folder, folder));
    this.#founded = { institutions, centralBank, manufacturer, urls };
    return institutions;
  }

  #verifier({ institutions: url }: ManufacturerUrls) {
    const { oem, oemTlsRoot: tlsRoot } = this.layout;
    return { oemRoot: certificateIn(oem), url, tlsRoot };
  }

  async #configureCentralBank({ centralBank }: Institutions): Promise<string> {
    const { layout } = this;
    const { authority, config, data, tls } = layout.centralBank;
    const port = await reservePort();
    await writeCentralBankConfig(config, {
      authority,
      root: certificateIn(layout.root),
      operators: [centralBank.operator.publicKey.compressed],
      dataDir: data,
      passphraseFile: layout.passphrase,
      port,
      tls: { identity: tls, root: layout.tlsRoot },
    });
    return `https://127.0.0.1:${port}`;
  }

  async #configureProvider(
    id: ProviderName,
    { providers }: Institutions,
    links: Pick<
      ProviderSettings,
      | "centralBank"
      | "allowanceStep"
      | "settleEvery"
      | "verifiers"
      | "institutionsPort"
      | "institutionsAddress"
    >,
  ): Promise<string> {
    const { layout } = this;
    const { authority, config, data, tls } = layout.provider(id);
    const port = await reservePort();
    await writeProviderConfig(config, {
      authority,
      intermediary: certificateIn(layout.intermediary),
      root: certificateIn(layout.root),
      oemRoots: [certificateIn(layout.oem)],
      operators: [providers[id].operator.publicKey.compressed],
      dataDir: data,
      passphraseFile: layout.passphrase,
      port,
      ...links,
      tls: { identity: tls, root: layout.tlsRoot },
      // Software devices are for demonstration, and this is one.
      minimumLevel: 1,
      limits: LIMITS,
    });
    return `http://127.0.0.1:${port}`;
  }

  /** Where a provider serves; the same after every start. */
  url(id: ProviderName): string {
    const url = this.#need().urls.get(id);
    if (url === undefined) throw new Error(`no provider ${id}`);
    return url;
  }

  /** Where the central bank serves the providers, over mutual TLS. */
  get centralBankUrl(): string {
    return this.#need().centralBank;
  }

  /** The servers that run. */
  get running(): readonly ServiceProcess[] {
    const others = [this.#centralBank, this.#manufacturer].filter((one) => one !== undefined);
    return [...others, ...this.#providers.values()];
  }

  async startCentralBank(): Promise<ServiceProcess> {
    return this.#start(async () => {
      const bank = await spawnService("central-bank", this.layout.centralBank);
      this.#centralBank = bank;
      return bank;
    });
  }

  /** The central bank's operator, at its own server. */
  async bankOperator(): Promise<BankOperator> {
    const { layout } = this;
    const secret = (await readFile(layout.passphrase, "utf8")).trim();
    const tls = { tls: layout.centralBank.tls, tlsRoot: layout.tlsRoot };
    this.#bankFetch ??= await ownFetch(tls, secret);
    const { operator } = this.#need().institutions.centralBank;
    return bankOperatorAt(this.centralBankUrl, operator, this.#bankFetch.fetch);
  }

  /** The manufacturer's service; what its devices are shipped with is published there. */
  async startManufacturer(): Promise<Manufacturer> {
    return this.#start(async () => {
      const { institutions, manufacturer } = this.#need();
      this.#manufacturer = await startManufacturer(this.layout, institutions, manufacturer);
      return this.#manufacturer;
    });
  }

  /** Where the manufacturer serves devices. */
  get manufacturerUrl(): string {
    return this.#need().manufacturer.devices;
  }

  async startProvider(id: ProviderName): Promise<ServiceProcess> {
    return this.#start(async () => {
      const provider = await spawnService("provider", this.layout.provider(id));
      this.#providers.set(id, provider);
      return provider;
    });
  }

  /** All of them, at once. */
  async startProviders(): Promise<ReadonlyMap<ProviderName, ServiceProcess>> {
    const started = await Promise.all(PROVIDERS.map((id) => this.startProvider(id)));
    return new Map(PROVIDERS.map((id, index) => [id, started[index] as ServiceProcess]));
  }

  /** Nobody can reach the provider any more: its process and its database have ended. */
  async stopProvider(id: ProviderName): Promise<ServiceProcess | undefined> {
    const provider = this.#providers.get(id);
    this.#providers.delete(id);
    await provider?.stop();
    return provider;
  }

  operator(id: ProviderName): Promise<Operator> {
    return operatorAt(this.url(id), this.#need().institutions.providers[id].operator);
  }

  /** Makes a device, certified by the manufacturer's root and enrolled at its service, where that runs. */
  async makeDevice(name: string): Promise<void> {
    const { oem } = this.#need().institutions;
    const terms = { now: this.#now(), days: DEVICE_DAYS };
    let certificate = new Uint8Array();
    const certify = async (device: Parameters<typeof certifyDevice>[1]): Promise<Uint8Array> =>
      (certificate = new Uint8Array(unwrap(await certifyDevice(oem, device, terms))));
    const manufacturer = rootOf(oem);
    unwrap(await createDevice(this.layout.device(name), { identity: { certify }, manufacturer }));
    await writeHexFile(this.layout.deviceCertificate(name), certificate);
    await this.#manufacturer?.operator.order({ kind: "enrol", certificate });
  }

  async startDevice(name: string): Promise<Result<TeeProcess, StartFault>> {
    return this.#start(async () => {
      const folder = this.layout.device(name);
      const tee = await spawnTee({ folder, socket: socketOf(folder) });
      if (!tee.ok) return tee;
      this.#devices.set(name, tee.value);
      return ok(tee.value);
    });
  }

  async stopDevice(name: string): Promise<void> {
    const tee = this.#devices.get(name);
    this.#devices.delete(name);
    await tee?.stop();
  }

  /** Ends every process, also one that is just starting; nothing can be started after it. */
  async stop(): Promise<void> {
    this.#ended = true;
    await this.#starting;
    await this.#bankFetch?.close();
    const providers = [...this.#providers.keys()].map((id) => this.stopProvider(id));
    await Promise.all([...providers, this.#manufacturer?.stop(), this.#centralBank?.stop()]);
    this.#manufacturer = undefined;
    this.#centralBank = undefined;
    for (const name of this.#devices.keys()) {
      await this.stopDevice(name);
      removeSocket(this.layout.device(name));
    }
    await rm(this.sockets, { recursive: true, force: true });
  }

  #need(): Founded {
    if (this.#founded === undefined) throw new Error("the network is not founded yet");
    return this.#founded;
  }

  async #start<T>(work: () => Promise<T>): Promise<T> {
    if (this.#ended) throw new Failure("the network is being stopped");
    const started = work();
    this.#starting = Promise.allSettled([this.#starting, started]);
    return started;
  }
}

type Founded = {
  readonly institutions: Institutions;
  readonly centralBank: string;
  readonly manufacturer: ManufacturerUrls;
  readonly urls: ReadonlyMap<ProviderName, string>;
};

/** Sockets have short paths: some 100 bytes in all. */
function shortFolder(): string {
  const temporary = tmpdir().length < 60 ? tmpdir() : "/tmp";
  return mkdtempSync(join(temporary, "bezant-"));
}
