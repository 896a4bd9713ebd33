import { readFile } from "node:fs/promises";
import {
  appointed,
  appointment,
  makerToAnybody,
  sha256,
  taManifest,
  type Signer,
  type TaManifest,
} from "@bezant/protocol";
import { loadTrustedApp } from "@bezant/tee";
import { OPS_TA_UUID } from "@bezant/tee/client";
import { Failure } from "../failure.ts";
import { fileFailure } from "../files.ts";

/** A developer of trusted applications: a key, and the root's appointment of it. */
export type Developer = { readonly signer: Signer; readonly appointment: Uint8Array };

/** A module of the trusted application, and the version that it says it is. */
export type Build = { readonly module: Uint8Array; readonly version: number };

/** @param name of the module, for the refusal */
export function buildOf(module: Uint8Array, name: string): Build {
  const trustedApp = loadTrustedApp(module);
  if (!trustedApp.ok) throw new Failure(`${name} is no trusted application`);
  return { module, version: trustedApp.value.version };
}

/** What a developer says a release of the trusted application is. */
export async function signManifest(
  { signer, appointment: own }: Developer,
  { module, version }: Build,
  minimumVersion = 1,
): Promise<{ readonly manifest: Uint8Array; readonly content: TaManifest }> {
  const parsed = appointment.parse(own);
  if (!parsed.ok) throw new Failure("the developer holds no appointment");
  const content: TaManifest = {
    uuid: OPS_TA_UUID.replaceAll("-", ""),
    version,
    measurement: sha256(module),
    size: module.length,
    minimumVersion,
  };
  const context = makerToAnybody(parsed.value.payload.name);
  const manifest = await taManifest.signAsync(content, context, signer, appointed(own));
  return { manifest, content };
}

export async function readModule(file: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(file));
  } catch (error) {
    throw fileFailure(file, error);
  }
}
