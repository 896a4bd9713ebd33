import { asyncNodeSigner, generatePrivateKey, writeKey } from "@bezant/pki/node";
import { requestTls, TLS_ROLES, uriOf, type InstitutionName, type TlsRole } from "@bezant/pki/x509";
import type { Currency, InstitutionId } from "@bezant/protocol";
import { Option, type Command } from "commander";
import type { Cli } from "../../cli.ts";
import { EXIT } from "../../exit-codes.ts";
import { Failure } from "../../failure.ts";
import { folderFailure } from "../../folders.ts";
import {
  addressOption,
  collect,
  currencyOption,
  hostOption,
  institutionOption,
} from "../../options.ts";
import { passphrase, PASSPHRASE_FILE, type PassphraseOptions } from "../../passphrase.ts";
import { writePemFile } from "../../pem-files.ts";

type Options = PassphraseOptions & {
  readonly dir: string;
  readonly role: TlsRole;
  readonly id: InstitutionId;
  readonly currency?: Currency;
  readonly dns?: readonly string[];
  readonly ip?: readonly string[];
  readonly out: string;
};

/** `bezant ca tls-request`: an institution makes a key for TLS and asks its issuer to certify it. */
export function addTlsRequest(ca: Command, cli: Cli): void {
  ca.command("tls-request")
    .description("make an institution's TLS key and a request (PKCS #10) to whoever certified it")
    .requiredOption("--dir <folder>", "folder to make")
    .addOption(new Option("--role <role>", "what it is").choices(TLS_ROLES).makeOptionMandatory())
    .requiredOption("--id <id>", "its id", institutionOption)
    .option("--currency <code>", "its currency; a manufacturer has none", currencyOption)
    .option("--dns <name>", "a host name of its server; may be repeated", collect(hostOption))
    .option("--ip <address>", "an address of its server; may be repeated", collect(addressOption))
    .requiredOption("--out <file>", "where to write the request, PEM")
    .option(...PASSPHRASE_FILE)
    .addHelpText(
      "after",
      "\nExample:\n  ./bezant ca tls-request --dir tls/aurum --role provider --id aurum --currency EUR --out aurum.csr",
    )
    .action(async (options: Options) => {
      const { dir, out, dns = [], ip = [] } = options;
      const name = nameOf(options);
      const key = generatePrivateKey();
      const written = await writeKey(dir, key, await passphrase(cli, options));
      if (!written.ok) throw folderFailure(dir, written.error);
      const request = await requestTls(name, asyncNodeSigner(key), { dns, ip });
      await writePemFile(out, "CERTIFICATE REQUEST", request);
      cli.output.result(`Wrote the request of ${uriOf(name)} into ${out}.`, {
        uri: uriOf(name),
        request: out,
        dns,
        ip,
      });
    });
}

function nameOf({ id, role, currency }: Options): InstitutionName {
  if ((role === "manufacturer") !== (currency === undefined)) {
    throw new Failure(
      role === "manufacturer" ? "a manufacturer has no currency" : `a ${role} needs --currency`,
      EXIT.usage,
    );
  }
  return currency === undefined ? { id, role } : { id, role, currency };
}
