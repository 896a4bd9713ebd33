import { mkdir, open, readFile, stat } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import type { KeyObject } from "node:crypto";
import { exportPrivateKey, generatePrivateKey, importPrivateKey } from "@bezant/pki/node";
import {
  decompress,
  fromHex,
  isCompressedKey,
  isCurrency,
  isInstitutionId,
  toHex,
  type Currency,
  type Root,
} from "@bezant/protocol";
import { EXIT } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { fileFailure } from "../files.ts";

// A wallet on disk, closed to other users: wallet.json (settings), key.hex (the wallet's key, PKCS #8, 0600 and not encrypted),
// wallet.db (what it remembers). Money is not in it: that is in the device, and at the provider.
const SETTINGS = "wallet.json";
const KEY = "key.hex";
const FORMAT = "bezant-wallet-1";

export type WalletSettings = {
  /** The central bank's root: all that the wallet trusts from the start. */
  readonly root: Root;
  readonly currency: Currency;
  /** Where the provider serves. */
  readonly provider: string;
  /** The folder of its secure device. */
  readonly device?: string | undefined;
  /** Or the socket of a device that somebody else runs. */
  readonly socket?: string | undefined;
};

/** Makes the folder, with a new key. Never overwrites. */
export async function createWalletFolder(folder: string, settings: WalletSettings): Promise<void> {
  const { root, currency, provider, device, socket } = settings;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (((await stat(folder)).mode & 0o077) !== 0) {
    throw new Failure(`others than the owner may enter ${folder}: chmod 700 it, or name a new one`);
  }
  const file = {
    format: FORMAT,
    root: { id: root.id, publicKey: root.key.compressed },
    currency,
    provider,
    ...(device === undefined ? {} : { device: relative(resolve(folder), resolve(device)) }),
    ...(socket === undefined ? {} : { socket: resolve(socket) }),
  };
  await writeNew(join(folder, KEY), `${toHex(exportPrivateKey(generatePrivateKey()))}\n`);
  await writeNew(join(folder, SETTINGS), `${JSON.stringify(file, undefined, 2)}\n`);
}

export async function readWalletFolder(
  folder: string,
): Promise<{ readonly settings: WalletSettings; readonly key: KeyObject }> {
  const settings = parseSettings(folder, await readText(folder, SETTINGS));
  const key = parseKey((await readText(folder, KEY)).trim());
  if (settings === undefined || key === undefined)
    throw new Failure(`${folder} is a damaged wallet`);
  return { settings, key };
}

function parseSettings(folder: string, text: string): WalletSettings | undefined {
  const file = parseObject(text);
  const { id, publicKey } = (file["root"] ?? {}) as Partial<Record<string, unknown>>;
  const { format, currency, provider, device, socket } = file;
  const point = isCompressedKey(publicKey) ? decompress(publicKey) : undefined;
  if (format !== FORMAT || !isInstitutionId(id) || point?.ok !== true) return undefined;
  if (!isCurrency(currency) || typeof provider !== "string") return undefined;
  if (!isTextOrAbsent(device) || !isTextOrAbsent(socket)) return undefined;
  return {
    root: { id, key: point.value },
    currency,
    provider,
    device: device === undefined ? undefined : resolve(folder, device),
    socket,
  };
}

function isTextOrAbsent(value: unknown): value is string | undefined {
  return value === undefined || typeof value === "string";
}

function parseKey(text: string): KeyObject | undefined {
  if (!/^(?:[0-9a-f]{2})+$/.test(text)) return undefined;
  try {
    return importPrivateKey(fromHex(text));
  } catch {
    return undefined;
  }
}

function parseObject(text: string): Partial<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function readText(folder: string, name: string): Promise<string> {
  try {
    return await readFile(join(folder, name), "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EACCES") throw new Failure(`this user may not read the wallet in ${folder}`);
    const isNone = code === "ENOENT" || code === "ENOTDIR";
    if (!isNone) throw fileFailure(join(folder, name), error);
    throw new Failure(`there is no wallet in ${folder}`, EXIT.usage);
  }
}
