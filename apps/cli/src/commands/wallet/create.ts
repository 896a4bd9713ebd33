import { decompress, parseCertificate } from "@bezant/protocol";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { EXIT } from "../../exit-codes.ts";
import { Failure, Refused } from "../../failure.ts";
import { fileFailure, readHexFile } from "../../files.ts";
import { needFolder } from "../../folders.ts";
import { urlOption } from "../../options.ts";
import { walletCommand, type WalletOptions } from "../../wallet/command.ts";
import { createWalletFolder } from "../../wallet/folder.ts";

type Options = WalletOptions & {
  readonly root: string;
  readonly provider: string;
  readonly device?: string;
  readonly socket?: string;
};

/** `bezant wallet create`: a key and what the wallet trusts, in a folder of its own. Talks to nobody. */
export function addCreate(group: Command, cli: Cli): void {
  walletCommand(group, "create", {
    description: "make a wallet; with --device it can pay offline, without it receives",
    example:
      "create --wallet w --root ca/root/certificate.hex --provider http://127.0.0.1:8080 --device phone",
  })
    .requiredOption("--root <file>", "certificate of the central bank: all that the wallet trusts")
    .requiredOption("--provider <url>", "where its provider serves", urlOption)
    .option("--device <folder>", "its secure device, started when it is needed")
    .option("--socket <path>", "or the socket of a device that somebody else runs")
    .action(async ({ wallet: folder, root: file, provider, device, socket }: Options) => {
      if (device !== undefined && socket !== undefined) {
        throw new Failure("either --device or --socket", EXIT.usage);
      }
      const root = parseCertificate(await readHexFile(file));
      if (!root.ok) throw new Refused(root.error);
      const { claims } = root.value;
      if (claims.role !== "root") throw new Failure(`${file} is no central bank's certificate`);
      const key = decompress(claims.key);
      if (!key.ok) throw new Refused({ code: "bad-key" });
      if (device !== undefined) needFolder(device);
      const { sub: id, currency } = claims;
      try {
        const settings = { root: { id, key: key.value }, currency, provider, device, socket };
        await createWalletFolder(folder, settings);
      } catch (error) {
        throw fileFailure(folder, error);
      }
      cli.output.result(
        `Made a wallet for ${currency} in ${folder}. Its key is in key.hex, readable by this user alone and not encrypted.\n` +
          `Next: ./bezant wallet register --wallet ${folder}`,
        { wallet: folder, currency, root: id, provider, device: device ?? socket ?? null },
      );
    });
}
