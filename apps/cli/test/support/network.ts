import { join } from "node:path";
import { currency, seconds } from "@bezant/protocol";
import { afterAll, beforeAll } from "vitest";
import { layoutOf, newNetworkFolder } from "../../src/network/layout.ts";
import { certificateIn, Network } from "../../src/network/network.ts";
import { bezant, lines, type Ran } from "./bezant.ts";
import { temporaryFolder } from "./folder.ts";

const now = () => seconds(Math.floor(Date.now() / 1000));

/** A provider and devices for the tests of a file, and the command line beside them. */
export type TestNetwork = {
  readonly network: Network;
  /** Folder in which the command line runs. */
  readonly cwd: string;
  readonly passphrase: readonly string[];
  /** Runs a command with `--json`. */
  readonly run: (...args: string[]) => Promise<Ran>;
  /** Runs it, and gives the first line of JSON if it succeeds. */
  readonly done: (...args: string[]) => Promise<Record<string, unknown>>;
  /** A registered wallet, with a device of its own unless told otherwise, and with money online and in the device. */
  readonly wallet: (name: string, options?: WalletOptions) => Promise<string>;
  readonly fund: (wallet: string, amount: string) => Promise<void>;
};

type WalletOptions = {
  readonly device?: boolean;
  readonly online?: string;
  readonly deposited?: string;
};

export function useNetwork(): () => TestNetwork {
  let made: TestNetwork | undefined;
  beforeAll(async () => {
    const cwd = temporaryFolder();
    const network = new Network(layoutOf(await newNetworkFolder(cwd)), currency("EUR"), now);
    await network.found();
    await network.startProvider();
    made = testNetwork(network, cwd);
  });
  afterAll(() => made?.network.stop());
  return () => made!;
}

function testNetwork(network: Network, cwd: string): TestNetwork {
  const { layout, url } = network;
  const passphrase = ["--passphrase-file", layout.passphrase];
  const run = (...args: string[]): Promise<Ran> => bezant(["--json", ...args], { cwd });
  const done = async (...args: string[]): Promise<Record<string, unknown>> => {
    const ran = await run(...args);
    const [first] = lines(ran);
    if (ran.code !== 0 || first === undefined) {
      throw new Error(`bezant ${args.join(" ")}: ${ran.code} ${ran.stdout} ${ran.stderr}`);
    }
    return first;
  };
  const fund = async (wallet: string, amount: string): Promise<void> => {
    const { client } = await done("wallet", "show", "--wallet", wallet);
    const key = ["--url", url, "--key", layout.operator, ...passphrase];
    await done("provider", "fund", String(client), amount, ...key);
  };
  return {
    network,
    cwd,
    passphrase,
    run,
    done,
    fund,
    wallet: async (name, { device = true, online, deposited } = {}) => {
      const wallet = join(cwd, name);
      if (device) await network.makeDevice(name);
      const own = device ? ["--device", layout.device(name)] : [];
      const root = certificateIn(layout.root);
      await done("wallet", "create", "--wallet", wallet, "--root", root, "--provider", url, ...own);
      await done("wallet", "register", "--wallet", wallet);
      if (device) await done("wallet", "register-ta", "--wallet", wallet);
      if (online !== undefined) await fund(wallet, online);
      if (deposited !== undefined) await done("wallet", "deposit", deposited, "--wallet", wallet);
      return wallet;
    },
  };
}
