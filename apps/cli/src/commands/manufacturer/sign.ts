import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { asyncNodeSigner, readKey } from "@bezant/pki/node";
import {
  appointed,
  appointment,
  makerToAnybody,
  sha256,
  taManifest,
  toHex,
} from "@bezant/protocol";
import { loadTrustedApp } from "@bezant/tee";
import { OPS_TA_UUID } from "@bezant/tee/client";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { Failure } from "../../failure.ts";
import { fileFailure, readHexFile, writeHexFile } from "../../files.ts";
import { folderFailure } from "../../folders.ts";
import { countOption } from "../../options.ts";
import { passphrase, PASSPHRASE_FILE, type PassphraseOptions } from "../../passphrase.ts";

type Options = PassphraseOptions & {
  readonly dir: string;
  readonly module: string;
  readonly out: string;
  readonly minimumVersion: number;
};

/** `bezant manufacturer sign`: the developer says what a release is. */
export function addSign(manufacturer: Command, cli: Cli): void {
  manufacturer
    .command("sign")
    .description("as the developer, sign the manifest of a trusted application's module")
    .requiredOption("--dir <folder>", "folder of the developer's key")
    .requiredOption("--module <file>", "the WebAssembly module")
    .requiredOption("--out <file>", "where to write the manifest")
    .option("--minimum-version <n>", "oldest version that it takes over from", countOption, 1)
    .option(...PASSPHRASE_FILE)
    .addHelpText(
      "after",
      "\nExample:\n  ./bezant manufacturer sign --dir dev --module ops-ta.wasm --out ops-ta.manifest",
    )
    .action(async (options: Options) => {
      const { dir, module: file, out, minimumVersion } = options;
      const module = await readModule(file);
      const trustedApp = loadTrustedApp(module);
      if (!trustedApp.ok) throw new Failure(`${file} is no trusted application`);
      const key = await readKey(dir, await passphrase(cli, options));
      if (!key.ok) throw folderFailure(dir, key.error);
      const own = await readHexFile(join(dir, "appointment"));
      const parsed = appointment.parse(own);
      if (!parsed.ok) throw new Failure(`${dir} holds no appointment`);
      const { version } = trustedApp.value;
      const measurement = sha256(module);
      const manifest = await taManifest.signAsync(
        {
          uuid: OPS_TA_UUID.replaceAll("-", ""),
          version,
          measurement,
          size: module.length,
          minimumVersion,
        },
        makerToAnybody(parsed.value.payload.name),
        asyncNodeSigner(key.value),
        appointed(own),
      );
      await writeHexFile(out, manifest);
      cli.output.result(`Signed version ${version} into ${out}.`, {
        version,
        measurement: toHex(measurement),
        manifest: out,
      });
    });
}

export async function readModule(file: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(file));
  } catch (error) {
    throw fileFailure(file, error);
  }
}
