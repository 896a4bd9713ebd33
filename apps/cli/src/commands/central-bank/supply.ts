import type { Currency } from "@bezant/protocol";
import type { Command } from "commander";
import type { BankSupply } from "../../central-bank/operator.ts";
import type { Cli } from "../../cli.ts";
import { Failure } from "../../failure.ts";
import { formatSigned } from "../../money.ts";
import { table } from "../../table.ts";
import { bankOperatorOf, bankOptions, type BankOptions } from "./operator-options.ts";

/** `bezant central-bank supply`: the central bank's own ledger; `bezant audit` puts the providers' beside it. */
export function addSupply(bank: Command, cli: Cli): void {
  bankOptions(bank.command("supply").description("audit the central bank's ledger"))
    .addHelpText(
      "after",
      "\nExample:\n  ./bezant central-bank supply --url http://127.0.0.1:8070 --key operator",
    )
    .action(async (options: BankOptions) => {
      const operator = await bankOperatorOf(cli, options);
      const supply = await operator.supply(cli.now());
      cli.output.result(supplyText(supply, operator.currency), supply);
      if (!supply.balanced) throw new Failure("The supply does not add up.");
    });
}

function supplyText(supply: BankSupply, currency: Currency): string {
  const money = (x: string | undefined): string => formatSigned(BigInt(x ?? "0"), currency);
  const totals = [
    ["issuance", money(supply.issuance)],
    ["offline circulation, posted", money(supply.circulation)],
    ["the central bank's loss", money(supply.loss)],
    ["open settlement window", supply.window],
  ];
  const head = ["provider", "reserves", "prefunded", "out, pending", "in, pending", "loss"];
  const rows = supply.providers.map((one) => [
    `${one["provider"]}${one["status"] === "open" ? "" : " (suspended)"}`,
    money(one["reserves"]),
    money(one["prefund"]),
    money(one["pendingOutward"]),
    money(one["pendingInward"]),
    money(one["loss"]),
  ]);
  const verdict = supply.balanced ? "It adds up, to the cent." : "It does not add up.";
  return [
    table(totals, [1]),
    table([head, ...rows], [1, 2, 3, 4, 5]),
    ...wrongs(supply, money),
    verdict,
  ].join("\n");
}

/** Which rows are off, and by how much. */
export function wrongs(
  { tampered, mismatches }: Pick<BankSupply, "tampered" | "mismatches">,
  money: (x: string | undefined) => string,
): string[] {
  return [
    ...tampered.map(({ account, holder, posting, off }) => {
      const whose = holder === "" ? "the central bank" : holder;
      const where = posting === "" ? "" : ` in ${posting}`;
      return `${account} of ${whose} is off by ${money(off)}${where}`;
    }),
    ...mismatches.map(({ row, off }) => `${row} says ${money(off)} more than what was signed`),
  ];
}
