import type { Currency } from "@bezant/protocol";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { Failure } from "../../failure.ts";
import { formatSigned } from "../../money.ts";
import type { Supply } from "../../provider/operator.ts";
import { table } from "../../table.ts";
import { operatorOf, operatorOptions, type OperatorOptions } from "./operator-options.ts";

/** `bezant provider supply`: is every cent there that was paid in, and none too many? */
export function addSupply(provider: Command, cli: Cli): void {
  operatorOptions(provider.command("supply").description("audit the supply of money"))
    .addHelpText(
      "after",
      "\nExample:\n  ./bezant provider supply --url http://127.0.0.1:8080 --key operator",
    )
    .action(async (options: OperatorOptions) => {
      const operator = await operatorOf(cli, options);
      const supply = await operator.supply(cli.now());
      const { currency } = operator;
      cli.output.result(supplyText(supply, currency), { ...supply, currency });
      if (!supply.balanced) throw new Failure("The supply does not add up.");
    });
}

function supplyText(supply: Supply, currency: Currency): string {
  const { online, suspense, offline, funded, balanced } = supply;
  const { interbank } = supply;
  const sum = BigInt(online) + BigInt(suspense) + BigInt(offline) + BigInt(interbank);
  const rows = [
    ["online balances", BigInt(online)],
    ["offline circulation", BigInt(offline)],
    ["in suspense", BigInt(suspense)],
    ...(interbank === "0" ? [] : [["paid to other providers, net", BigInt(interbank)] as const]),
    ["together", sum],
    ["paid in", BigInt(funded)],
  ] as const;
  const lines = rows.map(([name, value]) => [name, formatSigned(value, currency)]);
  const lost = lostText(supply, currency);
  const verdict = balanced ? "It adds up, to the cent." : "It does not add up.";
  return [table(lines, [1]), ...lost, ...wrongRows(supply, currency), verdict].join("\n");
}

/** What a restore from a backup has lost, and what of that was given up. */
export function lostText({ settlement }: Supply, currency: Currency): string[] {
  const { missing, writtenOff } = settlement.lost;
  const money = (x: string): string => formatSigned(BigInt(x), currency);
  return [
    ...(missing === "0" ? [] : [`lost with a restore and still missing: ${money(missing)}`]),
    ...(writtenOff === "0"
      ? []
      : [`written off after a restore, the provider's own loss: ${money(writtenOff)}`]),
  ];
}

/** Which rows are off, whose they are, and by how much. */
export function wrongRows({ tampered, mismatches }: Supply, currency: Currency): string[] {
  return [
    ...tampered.map(
      ({ client, account, off }) =>
        `${account} of ${client} is off by ${formatSigned(BigInt(off), currency)}`,
    ),
    ...mismatches.map(
      ({ client, operation, reference, off }) =>
        `${operation} ${reference} of ${client} moved ${formatSigned(BigInt(off), currency)} more than it says`,
    ),
  ];
}
