import { spawnTee } from "@bezant/tee/process";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { explainFault } from "../../device/faults.ts";
import { socketOf } from "../../device/socket.ts";
import { EXIT } from "../../exit-codes.ts";
import { Failure, Refused } from "../../failure.ts";
import { needFolder } from "../../folders.ts";
import { untilToldToEnd } from "../../until-told.ts";

type Options = { readonly dir: string; readonly socket?: string };

/** `bezant device serve`: a device's trusted OS in its own process, for as long as this one runs. */
export function addServe(device: Command, cli: Cli): void {
  device
    .command("serve")
    .description(
      "run a device's trusted OS; wallet commands start it by themselves if it does not run",
    )
    .requiredOption("--dir <folder>", "the device's folder")
    .option("--socket <path>", "where to listen, instead of the place where wallets look for it")
    .addHelpText("after", "\nExample:\n  ./bezant device serve --dir phone")
    .action(async ({ dir, socket }: Options) => {
      const told = untilToldToEnd();
      needFolder(dir);
      const started = await spawnTee({ folder: dir, socket: socket ?? socketOf(dir) });
      if (!started.ok) throw new Refused(explainFault(started.error));
      const tee = started.value;
      cli.output.result(
        `The device ${tee.deviceId} serves at ${tee.socket}, as process ${tee.pid}. Ctrl-C stops it.`,
        {
          event: "serving",
          socket: tee.socket,
          pid: tee.pid,
          deviceId: tee.deviceId,
          securityLevel: tee.securityLevel,
          ta: tee.ta,
          tos: tee.tos,
        },
      );
      const ended = await Promise.race([told, tee.exited]);
      await tee.stop();
      if (ended !== undefined && ended !== 0) {
        throw new Failure(`the trusted OS ended by itself (${ended})`, EXIT.bug);
      }
      cli.output.result("Stopped.", { event: "stopped" });
    });
}
