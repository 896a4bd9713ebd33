import { publication } from "@bezant/manufacturer";
import { encode, sha256, taManifest } from "@bezant/protocol";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { Refused } from "../../failure.ts";
import { readHexFile, writeHexFile } from "../../files.ts";
import { postToMaker, signOrder } from "../../manufacturer/operator.ts";
import { makerOptions, type MakerOptions } from "./options.ts";
import { readModule } from "./sign.ts";

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
      const { payload, payloadBytes } = parsed.value;
      const module = await readModule(options.module);
      const order = { kind: "publish", manifest: sha256(payloadBytes) } as const;
      const signed = await signOrder(cli, options, order);
      const body = encode(publication, [signed, manifest, module]);
      const release = await postToMaker(
        options.url,
        "/operator/v1/releases",
        "application/cbor",
        body,
      );
      await writeHexFile(options.out, release);
      const { version } = payload;
      cli.output.result(`Published version ${version}; the release is in ${options.out}.`, {
        version,
        release: options.out,
      });
    });
}
