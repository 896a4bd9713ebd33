import { taManifest } from "@bezant/protocol";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { Refused } from "../../failure.ts";
import { readHexFile, writeHexFile } from "../../files.ts";
import { readModule } from "../../manufacturer/release.ts";
import { makerOperatorOf, makerOptions, type MakerOptions } from "./options.ts";

type Options = MakerOptions & {
  readonly manifest: string;
  readonly module: string;
  readonly out: string;
};

/** `bezant manufacturer release`: the manufacturer endorses what a developer signed, and gives it to its devices. */
export function addRelease(manufacturer: Command, cli: Cli): void {
  makerOptions(manufacturer.command("release").description("endorse a release and publish it"))
    .requiredOption("--manifest <file>", "what `manufacturer sign` wrote")
    .requiredOption("--module <file>", "the WebAssembly module")
    .requiredOption("--out <file>", "where to write the release: manifest and endorsement")
    .addHelpText(
      "after",
      "\nExample:\n  ./bezant manufacturer release --url http://127.0.0.1:8083 --key maker/operator \\\n" +
        "    --manifest ops-ta.manifest --module ops-ta.wasm --out ops-ta.release",
    )
    .action(async (options: Options) => {
      const manifest = await readHexFile(options.manifest);
      const parsed = taManifest.parse(manifest);
      if (!parsed.ok) throw new Refused(parsed.error);
      const { version } = parsed.value.payload;
      const module = await readModule(options.module);
      const operator = await makerOperatorOf(cli, options);
      await writeHexFile(options.out, await operator.publish(manifest, module));
      cli.output.result(`Published version ${version}; the release is in ${options.out}.`, {
        version,
        release: options.out,
      });
    });
}
