import { readFile } from "node:fs/promises";
import { opsTrustedApp } from "@bezant/tee";
import { writeManufacturerConfig } from "../manufacturer/config-file.ts";
import { makerOperatorAt, type MakerOperator } from "../manufacturer/operator.ts";
import { buildOf, signManifest } from "../manufacturer/release.ts";
import { ownFetch } from "../service/tls.ts";
import type { Institutions } from "./institutions.ts";
import { certificateIn, type Layout } from "./layout.ts";
import { reservePort } from "./reserve-port.ts";
import { spawnService, type ServiceProcess } from "./service-process.ts";

/** The manufacturer's service of a network. It serves devices over HTTP, and institutions over mutual TLS alone. */
export type Manufacturer = ServiceProcess & {
  readonly institutionsUrl: string;
  readonly operator: MakerOperator;
};

/** Where it will serve. */
export type ManufacturerUrls = { readonly devices: string; readonly institutions: string };

/** Writes the service's configuration. Nothing runs yet. */
export async function configureManufacturer(
  layout: Layout,
  { manufacturer }: Institutions,
): Promise<ManufacturerUrls> {
  const { key, appointment, config, data, tls } = layout.manufacturer;
  const [port, tlsPort] = [await reservePort(), await reservePort()];
  await writeManufacturerConfig(config, {
    key,
    appointment,
    root: certificateIn(layout.oem),
    operators: [manufacturer.operator.publicKey.compressed],
    dataDir: data,
    passphraseFile: layout.passphrase,
    port,
    institutions: { port: tlsPort, identity: tls, roots: [layout.oemTlsRoot, layout.tlsRoot] },
  });
  return {
    devices: `http://127.0.0.1:${port}`,
    institutions: `https://127.0.0.1:${tlsPort}`,
  };
}

/** Starts the service, and publishes the trusted application that its devices are shipped with. */
export async function startManufacturer(
  layout: Layout,
  { manufacturer: { operator: signer, developer } }: Institutions,
  { institutions: institutionsUrl }: ManufacturerUrls,
): Promise<Manufacturer> {
  const service = await spawnService("manufacturer", layout.manufacturer);
  const secret = (await readFile(layout.passphrase, "utf8")).trim();
  const tls = { tls: layout.manufacturer.tls, tlsRoot: layout.oemTlsRoot };
  const { fetch, close } = await ownFetch(tls, secret);
  const stop = async (): Promise<void> => {
    await close();
    await service.stop();
  };
  try {
    const operator = await makerOperatorAt(institutionsUrl, signer, fetch);
    const build = buildOf(opsTrustedApp(), "this release's module");
    const { manifest } = await signManifest(developer, build);
    await operator.publish(manifest, build.module);
    return { ...service, stop, institutionsUrl, operator };
  } catch (error) {
    await stop();
    throw error;
  }
}
