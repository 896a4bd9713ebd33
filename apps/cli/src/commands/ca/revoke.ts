import { revoke, type Revoked } from "@bezant/pki";
import { x509Register } from "@bezant/pki/tls";
import { revokeTls } from "@bezant/pki/x509";
import type { InstitutionId, KeyId, Seconds } from "@bezant/protocol";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { EXIT } from "../../exit-codes.ts";
import { Failure, Refused } from "../../failure.ts";
import { authorityIn } from "../../folders.ts";
import { institutionOption, keyIdOption, timeOption } from "../../options.ts";
import { PASSPHRASE_FILE, type PassphraseOptions } from "../../passphrase.ts";
import { readPemFile } from "../../pem-files.ts";

type Options = PassphraseOptions & {
  readonly dir: string;
  readonly id?: InstitutionId;
  readonly keyId?: KeyId;
  readonly tls?: string;
  readonly since?: Seconds;
};

/** `bezant ca revoke`: an authority takes back an institution, one of its keys, or one TLS certificate. */
export function addRevoke(ca: Command, cli: Cli): void {
  ca.command("revoke")
    .description("take back an institution, one of its keys, or one TLS certificate")
    .requiredOption("--dir <folder>", "folder of the authority")
    .option("--id <id>", "an institution: all of its keys and TLS certificates", institutionOption)
    .option("--key-id <hex>", "one key; the root may name any", keyIdOption)
    .option("--tls <file>", "one TLS certificate, PEM")
    .option(
      "--since <time>",
      "last moment of what its key signed that counts (otherwise now)",
      timeOption,
    )
    .option(...PASSPHRASE_FILE)
    .addHelpText(
      "after",
      "\nExample:\n  ./bezant ca revoke --dir ca/bank --id aurum --since 2026-11-24T12:00:00Z\n\nNobody knows of it before the next status-list and crl are published.",
    )
    .action(async (options: Options) => {
      const { dir, id, keyId, tls } = options;
      if ([id, keyId, tls].filter((one) => one !== undefined).length !== 1) {
        throw new Failure("exactly one of --id, --key-id and --tls is needed", EXIT.usage);
      }
      const at = cli.now();
      const since = options.since ?? at;
      if (since > at) throw new Failure("--since lies in the future", EXIT.usage);
      const issuer = await authorityIn(dir, cli, options);
      const keys =
        tls === undefined ? await revokeKeys(issuer, keysMeant(options), { since, at }) : [];
      const serials =
        keyId === undefined
          ? await revokeTls(x509Register(dir), id ?? (await readPemFile(tls as string)), at)
          : [];
      if (keys.length + serials.length === 0) throw new Refused({ code: "not-certified" });
      cli.output.result(
        `Revoked ${keys.length} keys and ${serials.length} TLS certificates; publish the next status-list and crl.`,
        { keys, tls: serials, since },
      );
    });
}

function keysMeant({ id, keyId }: Options): Revoked {
  return id === undefined ? { keyId: keyId as KeyId } : { id };
}

async function revokeKeys(
  issuer: Parameters<typeof revoke>[0],
  what: Revoked,
  when: { readonly since: Seconds; readonly at: Seconds },
): Promise<readonly KeyId[]> {
  const revoked = await revoke(issuer, what, when);
  if (!revoked.ok) throw new Refused(revoked.error);
  return revoked.value;
}
