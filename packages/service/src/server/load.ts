import { randomBytes } from "node:crypto";
import { mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { asyncNodeSigner, isSystemError, readKey } from "@bezant/pki/node";
import {
  decompress,
  err,
  fromHex,
  isCompressedKey,
  ok,
  parseCertificate,
  type Certificate,
  type CompressedKey,
  type InstitutionClaims,
  type OemRootClaims,
  type PublicKey,
  type Result,
  type Root,
  type Signer,
} from "@bezant/protocol";
import type { ConfigError } from "./config-file.ts";

/** What a configuration names cannot be used. How a refusal travels inside of `loading`. */
export class Unloadable extends Error {}

/** Loads what a configuration names; an `Unloadable`, or a file that the system does not give, becomes the refusal. */
export async function loading<T>(load: () => Promise<T>): Promise<Result<T, ConfigError>> {
  try {
    return ok(await load());
  } catch (error) {
    if (!(error instanceof Unloadable) && !isSystemError(error)) throw error;
    return err({ code: "config-malformed", message: error.message });
  }
}

/** An institution's key, under the passphrase of a file or else of the environment. */
export async function loadKey(
  authority: string,
  passphraseFile: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Signer> {
  const passphrase =
    passphraseFile === undefined
      ? environment["BEZANT_PASSPHRASE"]
      : (await readText(passphraseFile)).trim();
  if (passphrase === undefined)
    throw new Unloadable("neither passphraseFile nor BEZANT_PASSPHRASE");
  const key = await readKey(authority, passphrase);
  if (!key.ok) throw new Unloadable(`${authority}: ${key.error}`);
  return asyncNodeSigner(key.value);
}

/** The key that a root's certificate pins. */
export async function loadRoot(path: string, role: "root" | "oem-root"): Promise<Root> {
  const { claims } = certificateIn(await readHex(path), path);
  if (claims.role !== role) throw new Unloadable(`${path} is no ${role}'s certificate`);
  const { sub, key } = claims as InstitutionClaims | OemRootClaims;
  return { id: sub, key: pointOf(key, path) };
}

/** Made on the first start: challenges and tokens survive a restart, and nobody has to think of it. */
export async function loadSecret(
  secretFile: string | undefined,
  dataDir: string,
): Promise<Uint8Array> {
  if (secretFile !== undefined) return checkSecret(await readHex(secretFile), secretFile);
  const path = join(dataDir, "secret.hex");
  await mkdir(dataDir, { recursive: true, mode: 0o755 });
  try {
    const file = await open(path, "wx", 0o600);
    try {
      await file.writeFile(`${randomBytes(32).toString("hex")}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return checkSecret(await readHex(path), path);
}

function checkSecret(secret: Uint8Array, path: string): Uint8Array {
  if (secret.length !== 32) throw new Unloadable(`${path} does not hold 32 bytes`);
  return secret;
}

/** @param where for the refusal */
export function certificateIn(bytes: Uint8Array, where: string): Certificate {
  const parsed = parseCertificate(bytes);
  if (!parsed.ok) throw new Unloadable(`${where}: ${parsed.error.code}`);
  return parsed.value;
}

export function pointOf(key: string | CompressedKey, where: string): PublicKey {
  const point = isCompressedKey(key) ? decompress(key) : err("bad-key");
  if (!point.ok) throw new Unloadable(`${where}: bad-key`);
  return point.value;
}

/** The bytes of a file that holds one line of hexadecimal. */
export async function readHex(path: string): Promise<Uint8Array> {
  const text = (await readText(path)).trim();
  if (!/^(?:[0-9a-f]{2})+$/.test(text)) throw new Unloadable(`${path} is not hexadecimal`);
  return fromHex(text);
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new Unloadable(`${path}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
}
