import { Command } from "commander";
import manifest from "../package.json" with { type: "json" };
import type { Cli } from "./cli.ts";

type Group = {
  readonly description: string;
  /** Adds the group's commands. Only the group that is asked for is loaded: a wallet needs no server. */
  readonly load: () => Promise<(group: Command, cli: Cli) => void>;
};

const GROUPS: Readonly<Record<string, Group>> = {
  up: {
    description: "start a network here and play the story of an offline payment on it",
    load: async () => (await import("./commands/up.ts")).addUp,
  },
  ca: {
    description: "certificate tier: central bank, intermediary, provider, manufacturer",
    load: async () => (await import("./commands/ca/index.ts")).addCa,
  },
  wallet: {
    description: "pay and be paid: every operation of a wallet",
    load: async () => (await import("./commands/wallet/index.ts")).addWallet,
  },
  device: {
    description: "secure devices: make one, run it, look into it",
    load: async () => (await import("./commands/device/index.ts")).addDevice,
  },
  audit: {
    description: "the whole supply: what was issued, and where it is",
    load: async () => (await import("./commands/audit.ts")).addAudit,
  },
  "central-bank": {
    description: "central bank: the service, and what its operator orders",
    load: async () => (await import("./commands/central-bank/index.ts")).addCentralBank,
  },
  manufacturer: {
    description: "manufacturer of devices: its server, devices, releases of trusted applications",
    load: async () => (await import("./commands/manufacturer/index.ts")).addManufacturer,
  },
  provider: {
    description: "wallet provider: the server, and what its operator orders",
    load: async () => (await import("./commands/provider/index.ts")).addProvider,
  },
};

/** The whole command line. Commands are thin: each reads its options, calls one library function, and prints. */
export async function createProgram(cli: Cli, args: readonly string[]): Promise<Command> {
  const program = new Command("bezant")
    .description(
      "Offline payments in central bank digital currency: every role and every operation.",
    )
    .version(manifest.version)
    .option("--json", "print results as JSON, one line each")
    .showHelpAfterError("(bezant --help lists the commands)")
    .configureOutput(cli.output.json ? { writeErr: () => undefined } : {})
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  const wanted = args.filter((arg) => !arg.startsWith("-"));
  for (const [name, { description, load }] of Object.entries(GROUPS)) {
    const group = program.command(name).description(description);
    if (wanted.includes(name)) (await load())(group, cli);
  }
  return program;
}
