import { nodeVerifier } from "@bezant/pki/node";
import {
  certVerify,
  chainVerify,
  decompress,
  err,
  ok,
  parseCertificate,
  refusal,
  runChecks,
  TrustStore,
  type Chain,
  type Refusal,
  type Result,
  type Seconds,
} from "@bezant/protocol";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { Refused } from "../../failure.ts";
import { readHexFile } from "../../files.ts";
import { describeClaims } from "./describe.ts";

type Options = {
  readonly root: string;
  readonly provider: string;
  readonly intermediary: string;
  readonly leaf?: string;
};

/** `bezant ca verify`: CertVerify (docs/protocol.md §4.3) of a chain, now. */
export function addVerify(ca: Command, cli: Cli): void {
  ca.command("verify")
    .description("check a chain against a root: the provider's, or with --leaf a wallet's or TA's")
    .requiredOption("--root <file>", "the root's certificate; only its key and id are used")
    .requiredOption("--intermediary <file>", "the intermediary's certificate")
    .requiredOption("--provider <file>", "the provider's certificate")
    .option("--leaf <file>", "a wallet's or TA's certificate")
    .addHelpText(
      "after",
      "\nExample:\n  ./bezant ca verify --root ca/root/certificate.hex --intermediary bank.crt --provider aurum.crt",
    )
    .action(async (options: Options) => {
      const chain: Chain = [
        await readHexFile(options.provider),
        await readHexFile(options.intermediary),
      ];
      const leaf = options.leaf === undefined ? undefined : await readHexFile(options.leaf);
      const verified = verifyPath(await readHexFile(options.root), chain, leaf, cli.now());
      if (!verified.ok) throw new Refused(verified.error);
      const certificate = parseCertificate(leaf ?? chain[0]);
      if (!certificate.ok) throw new Refused(certificate.error);
      const { sentence, fields } = describeClaims(certificate.value.claims);
      cli.output.result(`Valid: ${sentence}.`, { valid: true, ...fields });
    });
}

function verifyPath(
  rootBytes: Uint8Array,
  chain: Chain,
  leaf: Uint8Array | undefined,
  now: Seconds,
): Result<undefined, Refusal> {
  const root = parseCertificate(rootBytes);
  if (!root.ok) return root;
  const { claims } = root.value;
  if (claims.role !== "root") return err(refusal("wrong-role", `a ${claims.role} is no root`));
  const key = decompress(claims.key);
  if (!key.ok) return err(refusal("bad-key"));
  const trust = new TrustStore({
    root: { id: claims.sub, key: key.value },
    currency: claims.currency,
  });
  const pending =
    leaf === undefined
      ? chainVerify({ chain, trust, now })
      : certVerify({ certificate: leaf, chain, trust, roles: ["wallet", "ta"], now });
  if (!pending.ok) return pending;
  const done = runChecks<unknown>(pending.value, nodeVerifier());
  return done.ok ? ok(undefined) : done;
}
