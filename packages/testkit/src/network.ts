import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { amount, unwrap, type Limits } from "@bezant/protocol";
import { NetworkCentralBank } from "./central-bank.ts";
import { VirtualClock } from "./clock.ts";
import { SimulatedDevice } from "./device.ts";
import { Institutions } from "./institutions.ts";
import { Party } from "./party.ts";
import { NetworkProvider } from "./provider.ts";

export type PartyOptions = {
  /** Which provider; by default the first. */
  readonly at?: string;
  /** Whether it has a secure device. */
  readonly device?: boolean;
  /** What is in its device in the end. */
  readonly offline?: bigint;
  /** What is left in its online balance in the end. */
  readonly online?: bigint;
};

/** A whole network in one process: real parties on a real database, a virtual clock, no time that passes by itself. */
export type Network = {
  readonly clock: VirtualClock;
  readonly institutions: Institutions;
  /** Only in a network that was made with one. */
  readonly centralBank: NetworkCentralBank | undefined;
  readonly provider: (id?: string) => NetworkProvider;
  /** Somebody with an open wallet: registered, its device certified, its balances filled. */
  readonly party: (options?: PartyOptions) => Promise<Party>;
  /** Somebody with an open wallet that is registered nowhere. */
  readonly stranger: (options?: Pick<PartyOptions, "device">) => Promise<Party>;
  readonly close: () => Promise<void>;
};

/** Starts a network of a central bank, an intermediary, a manufacturer and these providers. */
export async function createNetwork({
  providers: ids = ["alpha"],
  limits,
  reserves,
}: {
  readonly providers?: readonly string[];
  readonly limits?: Limits;
  /** Issued to every provider by a central bank, with which all of them settle; absent: they settle with nobody. */
  readonly reserves?: bigint;
} = {}): Promise<Network> {
  const clock = new VirtualClock();
  const institutions = new Institutions();
  const folder = mkdtempSync(join(tmpdir(), "bezant-net-"));
  // The database may have to run as another user.
  chmodSync(folder, 0o755);
  const centralBank =
    reserves === undefined
      ? undefined
      : new NetworkCentralBank(institutions, clock, join(folder, "central-bank"));
  const providers: readonly NetworkProvider[] = ids.map(
    (id) =>
      new NetworkProvider(institutions, clock, {
        id,
        dataDir: join(folder, id),
        ...(limits === undefined ? {} : { limits }),
        centralBank: centralBank?.link,
        others: () => providers,
      }),
  );
  const provider = (id = ids[0]): NetworkProvider => {
    const found = providers.find((one) => one.id === id);
    if (found === undefined) throw new Error(`no provider ${id}`);
    return found;
  };
  await centralBank?.start();
  for (const one of providers) {
    await one.start();
    if (centralBank === undefined || reserves === undefined) continue;
    await centralBank.open(one.id);
    await centralBank.issue(one.id, reserves);
    await one.settle();
  }

  const stranger: Network["stranger"] = async ({ device = false } = {}) => {
    const own = device ? await SimulatedDevice.make(institutions) : undefined;
    const made = new Party(institutions, clock, own);
    await made.open();
    return made;
  };
  const party: Network["party"] = async ({ at, device, offline = 0n, online = 0n } = {}) => {
    const made = await stranger({ device: device ?? offline > 0n });
    const home = provider(at);
    const { wallet } = unwrap(await made.wallet.register({ url: home.url }));
    if (offline + online > 0n) await home.fund(wallet, offline + online);
    if (made.device !== undefined) unwrap(await made.wallet.registerTa());
    if (offline > 0n) unwrap(await made.wallet.deposit({ amount: amount(offline) }));
    return made;
  };
  const close = async (): Promise<void> => {
    for (const one of providers) await one.stop();
    await centralBank?.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { clock, institutions, centralBank, provider, party, stranger, close };
}
