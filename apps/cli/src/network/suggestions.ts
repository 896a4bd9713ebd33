import { join } from "node:path";
import { tmpdir } from "node:os";
import { PROVIDERS, type ProviderName } from "./layout.ts";
import type { Network } from "./network.ts";

/** Something to try, in another terminal. */
export type Suggestion = {
  readonly what: string;
  /** Arguments of `bezant`. */
  readonly args: readonly string[];
};

/** What works on a network that stays up; every line as it stands. */
export function suggestions(network: Network): readonly Suggestion[] {
  const { layout } = network;
  const wallet = (name: string): string[] => ["--wallet", layout.wallet(name)];
  const passphrase = ["--passphrase-file", layout.passphrase];
  const operator = (id: ProviderName): string[] => [
    "--url",
    network.url(id),
    "--key",
    layout.provider(id).operator,
    ...passphrase,
  ];
  const ledgers = PROVIDERS.flatMap((id) => [
    "--provider",
    `${network.url(id)}=${layout.provider(id).operator}`,
  ]);
  const bank = `${network.centralBankUrl}=${layout.centralBank.operator}`;
  const tls = ["--tls", layout.centralBank.tls, "--tls-root", layout.tlsRoot];
  const folder = layout.folder.length < 80 ? layout.folder : tmpdir();
  const till = join(folder, "till");
  return [
    { what: "where A's money is", args: ["wallet", "balance", ...wallet("a")] },
    { what: "what B has done", args: ["wallet", "history", ...wallet("b")] },
    {
      what: "the merchant waits for 1.00 EUR",
      args: ["wallet", "receive", "1.00", ...wallet("merchant"), "--listen", till],
    },
    {
      what: "and A taps, from a third terminal",
      args: ["wallet", "pay", ...wallet("a"), "--connect", till, "--amount", "1.00"],
    },
    { what: "the merchant claims it", args: ["wallet", "claim", ...wallet("merchant")] },
    {
      what: "A's device asks its maker for a newer trusted application",
      args: ["device", "update", "--dir", layout.device("a"), "--url", network.manufacturerUrl],
    },
    { what: "aurum settles it", args: ["provider", "settle", ...operator("aurum")] },
    {
      what: "all ledgers together",
      args: ["audit", "--central-bank", bank, ...ledgers, ...tls, ...passphrase],
    },
  ];
}
