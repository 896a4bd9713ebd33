import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { KeyObject } from "node:crypto";
import {
  err,
  fromHex,
  keyId,
  ok,
  parseCertificate,
  seconds,
  toHex,
  unwrap,
  type Result,
} from "@bezant/protocol";
import { authority, type Authority } from "../authority/authority.ts";
import type { Entry, Register, Revocation } from "../authority/register.ts";
import { asyncNodeSigner } from "../node/signer.ts";
import { appendLine, readIfThere, readLines, writeDurably } from "./durable-files.ts";
import {
  decryptKey,
  encryptKey,
  parseEncryptedKey,
  type KeyStoreError,
  type PassphraseOrigin,
} from "./encrypted-key.ts";
import { isSystemError } from "./system-error.ts";

// An authority on disk: key.json (encrypted), certificate.hex, issued.jsonl and revoked.jsonl (append-only). All of it 0600 in a 0700 folder.
const KEY = "key.json";
const CERTIFICATE = "certificate.hex";
const ISSUED = "issued.jsonl";
const REVOKED = "revoked.jsonl";

export type FolderError =
  | KeyStoreError
  | "no-such-authority"
  | "already-exists"
  /** It cannot be made: something else is there, or on the way to it. */
  | "no-folder";

/** Writes a new key; an existing one is never overwritten. Only a passphrase that nobody can guess may be called random. */
export async function writeKey(
  folder: string,
  key: KeyObject,
  passphrase: string,
  origin: PassphraseOrigin = "person",
): Promise<Result<undefined, "already-exists" | "no-folder">> {
  if (!(await makeFolder(folder))) return err("no-folder");
  if ((await readIfThere(join(folder, KEY))) !== undefined) return err("already-exists");
  await writeDurably(
    join(folder, KEY),
    `${JSON.stringify(encryptKey(key, passphrase, origin), null, 2)}\n`,
  );
  return ok(undefined);
}

async function makeFolder(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return true;
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}

export async function readKey(
  folder: string,
  passphrase: string,
): Promise<Result<KeyObject, FolderError>> {
  const text = await readIfThere(join(folder, KEY));
  if (text === undefined) return err("no-such-authority");
  const file = parseEncryptedKey(text);
  return file.ok ? decryptKey(file.value, passphrase) : file;
}

/** Replaces the folder's certificate, as after a renewal. */
export function writeCertificate(folder: string, certificate: Uint8Array): Promise<void> {
  return writeDurably(join(folder, CERTIFICATE), `${toHex(certificate)}\n`);
}

export async function readCertificate(
  folder: string,
): Promise<Result<Uint8Array, "no-such-authority">> {
  const text = await readIfThere(join(folder, CERTIFICATE));
  return text === undefined ? err("no-such-authority") : ok(fromHex(text.trim()));
}

/** Opens the authority that lives in this folder. */
export async function openAuthority(
  folder: string,
  passphrase: string,
): Promise<Result<Authority, FolderError>> {
  const key = await readKey(folder, passphrase);
  if (!key.ok) return key;
  const certificate = await readCertificate(folder);
  if (!certificate.ok) return certificate;
  return ok(authority(certificate.value, asyncNodeSigner(key.value), fileRegister(folder)));
}

/** One line of JSON a certificate; synced before `append` resolves. A torn last line was never answered for, and is dropped. */
export function fileRegister(folder: string): Register {
  const path = join(folder, ISSUED);
  const revoked = join(folder, REVOKED);
  return {
    append: ({ certificate, at }) =>
      appendLine(path, JSON.stringify({ at, certificate: toHex(certificate) })),
    entries: async () => (await readLines(path)).map(entryOf),
    revoke: ({ keyId: revokes, since, at }) =>
      appendLine(revoked, JSON.stringify({ at, keyId: revokes, since })),
    revocations: async () =>
      (await readLines(revoked)).map(revocationOf).filter((line) => "keyId" in line),
    nextList: async (at) => {
      const lists = (await readLines(revoked)).map(revocationOf).filter((line) => "list" in line);
      const list = (lists.at(-1)?.list ?? 0) + 1;
      await appendLine(revoked, JSON.stringify({ at, list }));
      return list;
    },
  };
}

/** The entries of a register that came as text from somebody else. */
export function parseRegister(text: string): Result<readonly Entry[], "register-malformed"> {
  try {
    return ok(text.trimEnd().split("\n").map(entryOf));
  } catch {
    return err("register-malformed");
  }
}

/** A revocation, or the number of a list that was issued. */
function revocationOf(line: string): Revocation | { readonly list: number } {
  const [, at, revokes, since, list] =
    /^\{"at":([0-9]{1,10}),(?:"keyId":"([0-9a-f]{16})","since":([0-9]{1,10})|"list":([0-9]{1,9}))\}$/.exec(
      line,
    ) ?? [];
  if (at === undefined) throw new Error(`the register of revocations is damaged: ${line}`);
  if (revokes === undefined) return { list: Number(list) };
  return { at: seconds(Number(at)), keyId: keyId(revokes), since: seconds(Number(since)) };
}

function entryOf(line: string): Entry {
  const match = /^\{"at":([0-9]+),"certificate":"([0-9a-f]+)"\}$/.exec(line);
  if (match === null) throw new Error(`the register of issued certificates is damaged: ${line}`);
  const certificate = fromHex(match[2] ?? "");
  const { claims } = unwrap(parseCertificate(certificate));
  return { at: seconds(Number(match[1])), certificate, claims };
}
