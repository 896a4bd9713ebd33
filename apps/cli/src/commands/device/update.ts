import { connectProvisioner, type Provisioner, type TeecError } from "@bezant/tee/client";
import {
  decode,
  deviceReport,
  encode,
  fromHex,
  sealedUpdate,
  taRelease,
  toHex,
  updateAnswer,
  updatePackage,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { connectDevice } from "../../device/connect.ts";
import { explainFault } from "../../device/faults.ts";
import { socketOf } from "../../device/socket.ts";
import { EXIT } from "../../exit-codes.ts";
import { Failure, Refused } from "../../failure.ts";
import { readHexFile } from "../../files.ts";
import { needFolder } from "../../folders.ts";
import { carryToMaker } from "../../manufacturer/device-side.ts";
import { urlOption } from "../../options.ts";
import { readModule } from "../../manufacturer/release.ts";

type Options = {
  readonly dir: string;
  readonly url?: string;
  readonly release?: string;
  readonly module?: string;
};

const COSE = "application/cose";

/** `bezant device update`: a newer trusted application, from the manufacturer's server or from files. The money stays. */
export function addUpdate(device: Command, cli: Cli): void {
  device
    .command("update")
    .description("update a device's trusted application; its money stays in it")
    .requiredOption("--dir <folder>", "the device's folder")
    .option("--url <url>", "where its manufacturer serves", urlOption)
    .option("--release <file>", "or a release from a file, with --module")
    .option("--module <file>", "the release's WebAssembly module")
    .addHelpText(
      "after",
      "\nExamples:\n  ./bezant device update --dir phone --url http://127.0.0.1:8083\n" +
        "  ./bezant device update --dir phone --release ops-ta.release --module ops-ta.wasm",
    )
    .action(async (options: Options) => {
      const { dir } = options;
      needFolder(dir);
      const source = sourceOf(options);
      const connected = await connectDevice(dir);
      if (!connected.ok) throw new Refused(explainFault(connected.error));
      try {
        const provisioner = await connectProvisioner({ socket: socketOf(dir) });
        if (!provisioner.ok) throw deviceFailure(provisioner.error);
        const report = await update(provisioner.value, source).finally(() =>
          provisioner.value.close(),
        );
        if (typeof report === "number") {
          cli.output.result(`The device has the newest version, ${report}.`, { version: report });
          return;
        }
        const parsed = deviceReport.parse(report);
        if (!parsed.ok) throw new Refused(parsed.error);
        const { version, measurement } = parsed.value.payload;
        cli.output.result(`The device runs version ${version} now. Its money is where it was.`, {
          version,
          measurement: toHex(measurement),
        });
      } finally {
        await connected.value.close();
      }
    });
}

type Source = { readonly url: string } | { readonly release: string; readonly module: string };

function sourceOf({ url, release, module }: Options): Source {
  if (url !== undefined) return { url };
  if (release !== undefined && module !== undefined) return { release, module };
  throw new Failure("either --url, or --release and --module", EXIT.usage);
}

/** The report after the installation, or the version that is current already. */
async function update(provisioner: Provisioner, source: Source): Promise<Uint8Array | number> {
  if ("url" in source) return updateFrom(provisioner, source.url);
  const { release, module } = source;
  const parts = decode(taRelease, await readHexFile(release));
  if (!parts.ok) throw new Failure(`${release} is no release`);
  const code = await readModule(module);
  const nonce = new Uint8Array(16);
  return done(await provisioner.install(encode(updatePackage, [parts.value, code, nonce])));
}

async function updateFrom(provisioner: Provisioner, url: string): Promise<Uint8Array | number> {
  const challenged = await carryToMaker(
    url,
    "/oem/v1/challenges",
    "application/json",
    new TextEncoder().encode("{}"),
  );
  const { nonce: text } = JSON.parse(new TextDecoder().decode(challenged)) as { nonce: string };
  const nonce = fromHex(text);
  const asked = done(await provisioner.report(nonce));
  const answer = decode(updateAnswer, await carryToMaker(url, "/oem/v1/updates", COSE, asked));
  if (!answer.ok) throw new Failure("the manufacturer's answer is no answer");
  if (answer.value.kind === "current") return answer.value.value;
  const sealed = encode(sealedUpdate, answer.value.value);
  const report = done(await provisioner.installSealed(sealed, nonce));
  // The manufacturer checks the signed hash of what is installed now.
  await carryToMaker(url, "/oem/v1/installations", COSE, report);
  return report;
}

function done(result: Result<Uint8Array, Refusal | TeecError>): Uint8Array {
  if (result.ok) return result.value;
  throw "origin" in result.error ? deviceFailure(result.error) : new Refused(result.error);
}

function deviceFailure({ code, state }: TeecError): Failure {
  return state === "unknown"
    ? new Failure(`the device stopped (${code}); run the command again`, EXIT.pending)
    : new Failure(`the device does not answer (${code}); nothing was changed`);
}
