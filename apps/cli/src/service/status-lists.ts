import { concatBytes, decodeSequence, institutionStatus, MAX_MESSAGE } from "@bezant/protocol";
import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { Failure } from "../failure.ts";
import { readHexFile } from "../files.ts";
import { urlOption } from "../options.ts";
import { passphrase, PASSPHRASE_FILE, type PassphraseOptions } from "../passphrase.ts";
import { postBytes } from "./signed-post.ts";
import { ownFetch, tlsOptions, type TlsOptions } from "./tls.ts";

type Options = PassphraseOptions & TlsOptions & { readonly url: string };

/** More than there are issuers of one currency. */
const MAX_LISTS = 64;

/**
 * `bezant … status-lists`: brings lists of revoked institutions to a server, and shows which it goes by now. They need no operator:
 * their issuers have signed them.
 */
export function addStatusListsCommand(group: Command, cli: Cli, example: string): void {
  tlsOptions(group.command("status-lists"))
    .description("bring lists of revoked institutions, or none, and show which the server goes by")
    .argument("[files...]", "lists, from `ca status-list`")
    .requiredOption("--url <url>", "where the server is", urlOption)
    .option(...PASSPHRASE_FILE)
    .addHelpText("after", `\nExample:\n  ./bezant ${example}`)
    .action(async (files: readonly string[], options: Options) => {
      const lists = await Promise.all(files.map((file) => readHexFile(file)));
      const secret = options.tls === undefined ? "" : await passphrase(cli, options);
      const { fetch, close } = await ownFetch(options, secret);
      try {
        const to = { url: options.url, fetch };
        const body = concatBytes(...lists);
        const answer = await postBytes(to, "/v1/institutions", "application/cbor-seq", body);
        const known = readKnown(new Uint8Array(await answer.arrayBuffer()));
        const lines = known.map(
          ({ keyId, sequence, revoked }) =>
            `list ${sequence} signed by ${keyId}: ${revoked.length} keys revoked`,
        );
        cli.output.result(lines.length === 0 ? "It knows of no list." : lines.join("\n"), {
          lists: known,
        });
      } finally {
        await close();
      }
    });
}

function readKnown(bytes: Uint8Array) {
  const items = decodeSequence(bytes, { maxItems: MAX_LISTS, maxItemSize: MAX_MESSAGE });
  return (items.ok ? items.value : [bytes]).map((item) => {
    const parsed = institutionStatus.parse(item);
    if (!parsed.ok) throw new Failure("What answers knows no status lists. No money has moved.");
    const { sequence, revoked } = parsed.value.payload;
    return {
      keyId: parsed.value.kid ?? "",
      sequence: `${sequence}`,
      revoked: revoked.map(([keyId, since]) => ({ keyId, since })),
    };
  });
}
