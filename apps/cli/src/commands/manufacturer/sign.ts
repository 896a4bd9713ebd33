import { join } from "node:path";
import { asyncNodeSigner, readKey } from "@bezant/pki/node";
import { toHex } from "@bezant/protocol";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { readHexFile, writeHexFile } from "../../files.ts";
import { folderFailure } from "../../folders.ts";
import { buildOf, readModule, signManifest } from "../../manufacturer/release.ts";
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
      const { dir, out, minimumVersion } = options;
      const build = buildOf(await readModule(options.module), options.module);
      const key = await readKey(dir, await passphrase(cli, options));
      if (!key.ok) throw folderFailure(dir, key.error);
      const appointment = await readHexFile(join(dir, "appointment"));
      const developer = { signer: asyncNodeSigner(key.value), appointment };
      const { manifest, content } = await signManifest(developer, build, minimumVersion);
      await writeHexFile(out, manifest);
      const { version, measurement } = content;
      cli.output.result(`Signed version ${version} into ${out}.`, {
        version,
        measurement: toHex(measurement),
        manifest: out,
      });
    });
}
