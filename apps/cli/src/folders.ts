import { statSync } from "node:fs";
import type { Authority } from "@bezant/pki";
import { openAuthority, type FolderError } from "@bezant/pki/node";
import type { Cli } from "./cli.ts";
import { EXIT } from "./exit-codes.ts";
import { Failure } from "./failure.ts";
import { passphrase, type PassphraseOptions } from "./passphrase.ts";

/** The authority in this folder, opened with the passphrase. */
export async function authorityIn(
  folder: string,
  cli: Cli,
  options: PassphraseOptions,
): Promise<Authority> {
  const opened = await openAuthority(folder, await passphrase(cli, options));
  if (!opened.ok) throw folderFailure(folder, opened.error);
  return opened.value;
}

export function folderFailure(folder: string, error: FolderError): Failure {
  switch (error) {
    case "no-such-authority":
      return new Failure(`${folder} holds no key with a certificate`);
    case "already-exists":
      return new Failure(`${folder} already holds a key; it is not overwritten`);
    case "no-folder":
      return new Failure(`${folder} is no folder, and cannot be made one`);
    case "wrong-passphrase":
      return new Failure(`the passphrase does not open the key in ${folder}`);
    case "key-file-malformed":
      return new Failure(`key.json in ${folder} is not a key file`);
  }
}

/** Ends the command where there is no such folder. */
export function needFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new Failure(`there is no folder ${folder}`, EXIT.usage);
  }
}
