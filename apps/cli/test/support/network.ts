import { randomBytes } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { amount, currency, institutionId, seconds, unwrap, walletId } from "@bezant/protocol";
import { afterAll, afterEach, beforeAll } from "vitest";
import {
  certificateIn,
  layoutOf,
  newNetworkFolder,
  type Layout,
} from "../../src/network/layout.ts";
import { Network } from "../../src/network/network.ts";
import { amountOption, balanceOption } from "../../src/options.ts";
import { bezant, lines, type Ran } from "./bezant.ts";
import { temporaryFolder } from "@bezant/service/testing";

const now = () => seconds(Math.floor(Date.now() / 1000));

/** A provider and devices for the tests of a file, and the command line beside them. */
export type TestNetwork = {
  readonly network: Network;
  /** Folder in which the command line runs. */
  readonly cwd: string;
  /** Opens the keys of the network's institutions. */
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
  /** Its trusted OS runs until the end of the test, unless each command is to start it. */
  readonly device?: boolean | "on demand";
  readonly online?: string;
  readonly deposited?: string;
};

/** More than all tests of a file take offline, and as much again for their accounts. */
const SUPPLY = balanceOption("100000.00");

/** Devices of the test that is running. */
const running: string[] = [];

/**
 * @param options whether it has a central bank at which its provider settles, and whether that goes by revocation lists; a
 * manufacturer's service it has not
 */
export function useNetwork({ settles = true, revocationLists = false } = {}): () => TestNetwork {
  let made: TestNetwork | undefined;
  beforeAll(async () => {
    const cwd = temporaryFolder();
    const network = new Network(layoutOf(await newNetworkFolder(cwd)), currency("EUR"), now);
    await network.found({ settles, asksManufacturer: false, allowanceStep: SUPPLY });
    if (revocationLists) await useRevocationLists(network.layout, cwd);
    if (settles) await network.startCentralBank();
    await network.startProvider("aurum");
    if (settles) await supply(network);
    made = testNetwork(network, cwd);
  });
  afterEach(async () => {
    for (const name of running.splice(0)) await made?.network.stopDevice(name);
  });
  afterAll(() => made?.network.stop());
  return () => made!;
}

/** Lists of the root and the intermediary, which the central bank goes by. */
async function useRevocationLists(layout: Layout, cwd: string): Promise<void> {
  const issuers = [layout.root, layout.intermediary];
  for (const issuer of issuers) await writeRevocationList(layout, issuer, cwd);
  const { config } = layout.centralBank;
  const { tls, ...rest } = JSON.parse(await readFile(config, "utf8")) as { tls: object };
  const lists = { revocationLists: issuers.map(revocationListOf) };
  await writeFile(config, JSON.stringify({ ...rest, tls: { ...tls, ...lists } }));
}

/** As `bezant ca crl` writes it now. */
export async function writeRevocationList(
  { passphrase }: Layout,
  issuer: string,
  cwd: string,
): Promise<void> {
  const opened = ["--dir", issuer, "--passphrase-file", passphrase];
  const written = `${revocationListOf(issuer)}.new`;
  const ran = await bezant(["ca", "crl", ...opened, "--out", written], { cwd });
  if (ran.code !== 0) throw new Error(ran.stderr);
  await rename(written, revocationListOf(issuer));
}

function revocationListOf(issuer: string): string {
  return join(issuer, "list.crl");
}

/** The central bank issues to the provider, which learns of it and is allowed deposits. */
async function supply(network: Network): Promise<void> {
  const bank = await network.bankOperator();
  const provider = institutionId("aurum");
  await bank.order({ kind: "open", orderId: randomBytes(16), provider, limit: SUPPLY });
  const issue = { kind: "issue", provider, amount: amount(2n * SUPPLY) } as const;
  await bank.order({ ...issue, orderId: randomBytes(16) });
  const operator = await network.operator("aurum");
  const { failed } = await operator.settle(now());
  if (failed.length > 0) throw new Error(`not settled: ${JSON.stringify(failed)}`);
}

function testNetwork(network: Network, cwd: string): TestNetwork {
  const { layout } = network;
  const url = network.url("aurum");
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
  const fund = async (wallet: string, sum: string): Promise<void> => {
    const { client } = await done("wallet", "show", "--wallet", wallet);
    const operator = await network.operator("aurum");
    const order = { kind: "fund", client: walletId(String(client)) } as const;
    await operator.order({ ...order, amount: amountOption(sum), orderId: randomBytes(16) });
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
      if (device !== false) await network.makeDevice(name);
      if (device === true) {
        unwrap(await network.startDevice(name));
        running.push(name);
      }
      const own = device !== false ? ["--device", layout.device(name)] : [];
      const root = certificateIn(layout.root);
      await done("wallet", "create", "--wallet", wallet, "--root", root, "--provider", url, ...own);
      await done("wallet", "register", "--wallet", wallet);
      if (device !== false) await done("wallet", "register-ta", "--wallet", wallet);
      if (online !== undefined) await fund(wallet, online);
      if (deposited !== undefined) await done("wallet", "deposit", deposited, "--wallet", wallet);
      return wallet;
    },
  };
}
