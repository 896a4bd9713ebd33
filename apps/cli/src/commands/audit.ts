import type { CombinedAudit } from "@bezant/central-bank";
import { asyncNodeSigner, readKey } from "@bezant/pki/node";
import type { Currency, Signer } from "@bezant/protocol";
import { InvalidArgumentError, type Command } from "commander";
import { auditAll, type AskedLedger } from "../central-bank/audit.ts";
import { bankOperatorAt, type BankSupply } from "../central-bank/operator.ts";
import type { Cli } from "../cli.ts";
import { EXIT } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { folderFailure } from "../folders.ts";
import { formatSigned } from "../money.ts";
import { collect, urlOption } from "../options.ts";
import { passphrase, PASSPHRASE_FILE, type PassphraseOptions } from "../passphrase.ts";
import { operatorAt, type Supply } from "../provider/operator.ts";
import { NoAnswer, NotThere } from "../service/signed-post.ts";
import { ownFetch, tlsOptions, type TlsOptions } from "../service/tls.ts";
import { table } from "../table.ts";
import { wrongs } from "./central-bank/supply.ts";
import { lostText, wrongRows } from "./provider/supply.ts";

type Server = { readonly url: string; readonly key: string };
type Options = PassphraseOptions &
  TlsOptions & {
    readonly centralBank: Server;
    readonly provider: readonly Server[];
  };

/** `bezant audit`: is what was issued what everybody has? From the ledgers of the central bank and of every provider. */
export function addAudit(audit: Command, cli: Cli): void {
  tlsOptions(audit)
    .description("audit the whole supply: the central bank's ledger and every provider's together")
    .requiredOption(
      "--central-bank <url=folder>",
      "where it serves, and the folder of its operator's key",
      serverOption,
    )
    .requiredOption(
      "--provider <url=folder>",
      "the same of a provider; repeatable",
      collect(serverOption),
    )
    .option(...PASSPHRASE_FILE)
    .addHelpText(
      "after",
      "\nExample:\n  ./bezant audit --central-bank http://127.0.0.1:8070=cb-operator \\\n" +
        "    --provider http://127.0.0.1:8080=aurum-operator --provider http://127.0.0.1:8081=argent-operator\n\n" +
        "Exact while nothing moves. Exit status 0: it adds up; 1: it does not, and where; 3: somebody was not asked.",
    )
    .action(async (options: Options) => {
      const secret = await passphrase(cli, options);
      const signerOf = async ({ key }: Server): Promise<Signer> => {
        const read = await readKey(key, secret);
        if (!read.ok) throw folderFailure(key, read.error);
        return asyncNodeSigner(read.value);
      };
      const { fetch } = await ownFetch(options, secret);
      const { url } = options.centralBank;
      const bankKey = await signerOf(options.centralBank);
      const bank = await asked(bankOperatorAt(url, bankKey, fetch));
      const providers = [];
      for (const server of options.provider) {
        const key = await signerOf(server);
        providers.push(await asked(operatorAt(server.url, key)));
      }
      const { combined, supply, ledgers } = await asked(auditAll(bank, providers, cli.now));
      cli.output.result(text(combined, supply, ledgers, bank.currency), {
        currency: bank.currency,
        ...json(combined),
        tampered: ofAll(ledgers, ({ tampered }) => tampered),
        mismatches: ofAll(ledgers, ({ mismatches }) => mismatches),
        centralBank: supply,
      });
      if (combined.findings.length > 0) throw new Failure("The supply does not add up.");
      if (combined.missing.length > 0) {
        const names = combined.missing.join(", ");
        throw new Failure(`Not the whole supply: ${names} was not asked.`, EXIT.pending);
      }
    });
}

/** Whoever cannot be asked says nothing about the supply: that is not to be taken for money that is missing. */
async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof NotThere) && !(error instanceof NoAnswer)) throw error;
    throw new Failure(`Nothing was audited: ${error.message}`, EXIT.pending, "nothing-moved");
  }
}

/** `http://127.0.0.1:8080=folder` */
function serverOption(value: string): Server {
  const at = value.lastIndexOf("=");
  if (at < 1 || at === value.length - 1) {
    throw new InvalidArgumentError("An address and a folder are needed: http://…=folder.");
  }
  return { url: urlOption(value.slice(0, at)), key: value.slice(at + 1) };
}

/** Rows of the providers' ledgers that are off. */
function ofAll<T extends object>(
  ledgers: readonly AskedLedger[],
  of: (one: Supply) => readonly T[],
) {
  return ledgers.flatMap(({ provider, supply }) => of(supply).map((row) => ({ provider, ...row })));
}

function text(
  audit: CombinedAudit,
  supply: BankSupply,
  ledgers: readonly AskedLedger[],
  currency: Currency,
): string {
  const money = (x: bigint): string => formatSigned(x, currency);
  const totals = [
    ["issuance", audit.issuance],
    ["online balances", audit.online],
    ["in suspense", audit.suspense],
    ["providers' free reserves", audit.free],
    ["offline circulation", audit.offline],
    ["between providers", audit.inFlight],
    ["losses of providers", audit.losses],
    ["loss of the central bank", audit.ownLoss],
  ] as const;
  const head = ["provider", "online", "free", "offline", "not reported", "not posted", "loss"];
  const rows = audit.providers.map((one) => [
    one.provider,
    ...[
      one.online + one.suspense,
      one.free,
      one.offline,
      one.unreported,
      one.unposted,
      one.loss,
    ].map(money),
  ]);
  const findings = audit.findings.map(({ holder, what, off }) => {
    const by = off === 0n ? "" : `, by ${money(off)}`;
    return `${holder === "" ? "The central bank" : holder}: ${what}${by}`;
  });
  const forgotten = audit.providers.flatMap(({ provider, forgottenOutward, forgottenInward }) =>
    forgottenOutward + forgottenInward === 0n
      ? []
      : [
          `${provider}: lost with a restore from a backup, and not brought back by syncs yet: ` +
            `${money(forgottenOutward)} gone offline, ${money(forgottenInward)} come back.`,
        ],
  );
  const isGood = findings.length === 0;
  return [
    table(
      totals.map(([name, x]) => [name, money(x)]),
      [1],
    ),
    table([head, ...rows], [1, 2, 3, 4, 5, 6]),
    ...forgotten,
    ...ledgers.flatMap((one) =>
      lostText(one.supply, currency).map((line) => `${one.provider}: ${line}`),
    ),
    ...findings,
    ...ledgers.flatMap((one) =>
      wrongRows(one.supply, currency).map((row) => `${one.provider}: ${row}`),
    ),
    ...wrongs(supply, (x) => money(BigInt(x ?? "0"))),
    isGood ? "What was issued is what everybody has, to the cent." : "It does not add up.",
  ].join("\n");
}

/** As JSON carries it: decimal strings. */
function json(audit: CombinedAudit) {
  const { providers, findings, missing, ...totals } = audit;
  return {
    ...decimal(totals),
    balanced: findings.length === 0 && missing.length === 0,
    providers: providers.map(decimal),
    findings: findings.map(decimal),
    missing: [...missing],
  };
}

function decimal(row: object): { readonly [name: string]: string | boolean } {
  return Object.fromEntries(
    Object.entries(row).map(([name, field]: [string, unknown]) => [
      name,
      typeof field === "boolean" ? field : String(field),
    ]),
  );
}
