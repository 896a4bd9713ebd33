import { openX509 } from "@bezant/pki/tls";
import type { X509Authority } from "@bezant/pki/x509";
import type { Cli } from "./cli.ts";
import { Failure } from "./failure.ts";
import { authorityIn } from "./folders.ts";
import type { PassphraseOptions } from "./passphrase.ts";

/** The same authority where it certifies TLS keys. */
export async function x509AuthorityIn(
  folder: string,
  cli: Cli,
  options: PassphraseOptions,
): Promise<X509Authority> {
  const opened = await openX509(folder, await authorityIn(folder, cli, options));
  if (!opened.ok) throw new Failure(`${folder} holds no X.509 certificate of its own, ca.pem`);
  return opened.value;
}
