import { err } from "@bezant/protocol";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { EXIT } from "../../exit-codes.ts";
import { Failure } from "../../failure.ts";
import { walletCommand, withWallet, type WalletOptions } from "../../wallet/command.ts";
import { PIN_FILE, pin, type PinOptions } from "../../wallet/pin.ts";
import { refusedByWallet } from "../../wallet/refused.ts";

function count(n: number, what: string): string {
  return n === 1 ? `1 ${what}` : `${n} ${what}s`;
}

/** What keeps a wallet in order: `sync`, `resume`, `set-pin`. */
export function addState(group: Command, cli: Cli): void {
  walletCommand(group, "sync", {
    description: "bring device and provider together: receipts up, limits and receipts down",
    example: "sync --wallet w",
  }).action(async (options: WalletOptions) => {
    await withWallet(cli, options, async ({ wallet, need }) => {
      const { uploaded, refused, settled, unreachable } = need(await wallet.sync());
      const open =
        unreachable === 0
          ? ""
          : ` Of ${unreachable} more the payee's provider cannot be asked now; they stay made, synchronise again later.`;
      cli.output.result(
        `Synchronised: ${count(uploaded, "message")} handed in, ${count(settled, "own payment")} settled.${open}`,
        { uploaded, refused, settled, unreachable },
      );
    });
  });

  walletCommand(group, "resume", {
    description: "finish whatever was interrupted",
    example: "resume --wallet w",
  }).action(async (options: WalletOptions) => {
    await withWallet(cli, options, async ({ wallet, need }) => {
      const left = need(await wallet.resume());
      for (const { operation, refusal } of left) {
        const { title, money, next } = refusedByWallet(refusal).explained;
        cli.output.result(`${operation}: ${title}. ${money} ${next}`, {
          operation,
          unfinished: refusal.code,
        });
      }
      if (left.length > 0) throw new Failure("Some things still wait.", EXIT.pending);
      cli.output.result("Nothing is unfinished.", { unfinished: null });
    });
  });

  walletCommand(group, "set-pin", {
    description:
      "set the device's PIN, of 4 to 12 digits; the first one before the first deposit, as a device that holds money takes none",
    example: "set-pin --wallet w",
  })
    .option(...PIN_FILE)
    .option(
      "--old-pin-file <file>",
      "with the present PIN (otherwise BEZANT_OLD_PIN, or asked for)",
    )
    .action(async (options: WalletOptions & PinOptions & { readonly oldPinFile?: string }) => {
      await withWallet(cli, options, async ({ wallet, need }) => {
        // Nobody is asked for a PIN that there is no device for.
        const { ta, device } = need(await wallet.status());
        if (device === undefined) need(err({ code: "no-device" }));
        if (ta === undefined) need(err({ code: "device-not-registered" }));
        const asking = { question: "New PIN", variable: "BEZANT_PIN", twice: true };
        const digits = await pin(cli, options, asking);
        let set = await wallet.setPin(digits);
        const hasPin = device?.ok === true && device.value.pinSet;
        if (!set.ok && set.error.code === "pin-required" && hasPin) {
          const { oldPinFile } = options;
          const source = oldPinFile === undefined ? {} : { pinFile: oldPinFile };
          const old = { question: "Present PIN", variable: "BEZANT_OLD_PIN" };
          need(await wallet.enterPin(await pin(cli, source, old)));
          set = await wallet.setPin(digits);
        }
        need(set);
        cli.output.result("The PIN is set.", { pinSet: true });
      });
    });
}
