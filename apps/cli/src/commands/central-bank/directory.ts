import { decodeSequence, MAX_MESSAGE, readProviderEntry } from "@bezant/protocol";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { Failure } from "../../failure.ts";
import { urlOption } from "../../options.ts";
import { passphrase, PASSPHRASE_FILE, type PassphraseOptions } from "../../passphrase.ts";
import { getBytes, type Fetch } from "../../service/signed-post.ts";
import { ownFetch, tlsOptions, type TlsOptions } from "../../service/tls.ts";
import { table } from "../../table.ts";

type Options = PassphraseOptions & TlsOptions & { readonly url: string };

type Line = {
  readonly provider: string;
  readonly address: string;
  readonly sequence: string;
  readonly signed: number;
  readonly ends: number;
};

/** Entries in one page of the directory. */
const PAGE = 256;

/** `bezant central-bank directory`: where providers say that they are reached. Providers verify what they take from it; this shows it. */
export function addDirectory(bank: Command, cli: Cli): void {
  const example =
    "central-bank directory --url https://127.0.0.1:8070 --tls tls/cb --tls-root ca/root/ca.pem";
  tlsOptions(bank.command("directory"))
    .description("list where providers are reached by one another, as they have signed it")
    .requiredOption("--url <url>", "where the central bank serves", urlOption)
    .option(...PASSPHRASE_FILE)
    .addHelpText("after", `\nExample:\n  ./bezant ${example}`)
    .action(async (options: Options) => {
      const secret = options.tls === undefined ? "" : await passphrase(cli, options);
      const { fetch, close } = await ownFetch(options, secret);
      try {
        const entries = await readDirectory(options.url, fetch);
        cli.output.result(asText(entries), { entries });
      } finally {
        await close();
      }
    });
}

async function readDirectory(url: string, fetch: Fetch): Promise<readonly Line[]> {
  const lines: Line[] = [];
  for (;;) {
    const last = lines.at(-1)?.provider;
    const query = last === undefined ? "" : `?after=${last}`;
    const page = readPage(await getBytes({ url, fetch }, `/v1/directory${query}`));
    // Pages follow one another, or there would be no end to them.
    if (page.some(({ provider }) => last !== undefined && provider <= last)) {
      throw new Failure("The directory goes round in a circle. No money has moved.");
    }
    lines.push(...page);
    if (page.length < PAGE) return lines;
  }
}

function readPage(bytes: Uint8Array): readonly Line[] {
  const items = decodeSequence(bytes, { maxItems: PAGE, maxItemSize: MAX_MESSAGE });
  return (items.ok ? items.value : [bytes]).map((item) => {
    const entry = readProviderEntry(item);
    if (entry === undefined) {
      throw new Failure("What answers has no directory. No money has moved.");
    }
    const { provider, payload } = entry;
    const { sequence, at, end, address } = payload;
    return { provider, address, sequence: `${sequence}`, signed: at, ends: end };
  });
}

function asText(entries: readonly Line[]): string {
  if (entries.length === 0) return "No provider has said where it is reached.";
  const head = ["provider", "address", "number", "ends"];
  const rows = entries.map(({ provider, address, sequence, ends }) => [
    provider,
    address,
    sequence,
    new Date(ends * 1000).toISOString().slice(0, 16).replace("T", " "),
  ]);
  return table([head, ...rows], [2]);
}
