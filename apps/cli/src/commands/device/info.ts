import { formatAmount, isCurrency } from "@bezant/protocol";
import { OPS_TA_UUID } from "@bezant/tee/client";
import { openDevice } from "@bezant/wallet";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { connectDevice } from "../../device/connect.ts";
import { explainFault } from "../../device/faults.ts";
import { Refused } from "../../failure.ts";
import { needFolder } from "../../folders.ts";
import { table } from "../../table.ts";
import { refusedByWallet } from "../../wallet/refused.ts";

const PHASES = {
  blank: "blank: never used",
  initialised: "initialised: has a key, not registered yet",
  active: "active: registered, can hold money",
  retired: "retired: holds no money any more",
} as const;

/** `bezant device info`: what the trusted application says of itself. */
export function addInfo(device: Command, cli: Cli): void {
  device
    .command("info")
    .description("show what a device holds, and where its sequences stand")
    .requiredOption("--dir <folder>", "the device's folder")
    .addHelpText("after", "\nExample:\n  ./bezant device info --dir phone")
    .action(async ({ dir }: { readonly dir: string }) => {
      needFolder(dir);
      const connected = await connectDevice(dir);
      if (!connected.ok) throw new Refused(explainFault(connected.error));
      try {
        const answer = await openDevice(connected.value.context, OPS_TA_UUID).getInfo();
        if (!answer.ok) throw refusedByWallet(answer.error);
        const { balance, reserved, unsettled, unacknowledged, open, ...rest } = answer.value;
        const { phase, id, home, currency, d, w, j, r } = rest;
        const money = (value: typeof balance): string =>
          isCurrency(currency) ? formatAmount(value, currency) : `${value}`;
        const rows = [
          ["trusted application", id === "" ? "none yet" : id],
          ["phase", PHASES[phase]],
          ["provider", home === "" ? "none yet" : home],
          ["holds", money(balance)],
          ["payments without a receipt", list(unsettled)],
          ["withdrawals without an acknowledgement", list(unacknowledged)],
          ["open requests", list(open)],
          ["PIN", rest.pinSet ? `set, ${rest.pinTries} tries left` : "not set"],
        ];
        cli.output.result(table(rows), {
          ...rest,
          d: `${d}`,
          w: `${w}`,
          j: `${j}`,
          r: `${r}`,
          balance: `${balance}`,
          reserved: `${reserved}`,
          unsettled: unsettled.map(String),
          unacknowledged: unacknowledged.map(String),
          open: open.map(String),
        });
      } finally {
        await connected.value.close();
      }
    });
}

function list(numbers: readonly number[]): string {
  return numbers.length === 0 ? "none" : numbers.join(", ");
}
