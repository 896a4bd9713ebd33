import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { amount, unwrap } from "@bezant/protocol";
import { createDevice } from "@bezant/tee";
import { spawnTee, type TeeProcess } from "@bezant/tee/process";
import { initializeContext, OPS_TA_UUID } from "@bezant/tee/client";
import { createNetwork, type Network, type Party } from "@bezant/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDevice, type Wallet } from "../../src/index.ts";
import { dialTap, listenTap, openSqliteStore } from "../../src/node/index.ts";
import { meetOver } from "../support/exchange.ts";

let network: Network;
let folder: string;
let tee: TeeProcess;
beforeAll(async () => {
  network = await createNetwork();
  folder = mkdtempSync(join(tmpdir(), "bezant-real-"));
  const certify = network.institutions.certifyDevice;
  unwrap(await createDevice(join(folder, "device"), { identity: { certify } }));
  tee = unwrap(await spawnTee({ folder: join(folder, "device") }));
});
afterAll(async () => {
  await tee.stop();
  await network.close();
  rmSync(folder, { recursive: true });
});

/** A wallet in a folder, whose device is a process. */
async function open(party: Party): Promise<Wallet> {
  const context = unwrap(await initializeContext({ socket: tee.socket }));
  const device = openDevice(context, OPS_TA_UUID);
  const store = unwrap(openSqliteStore(join(folder, "wallet")));
  return party.open({ device, store });
}

describe("a wallet whose device is a process, whose store is a folder, and whose tap is a socket", () => {
  it("pays, survives the end of either process, and goes on", async () => {
    const alice = await network.stranger();
    alice.kill();
    let wallet = await open(alice);
    const { url } = network.provider();
    unwrap(await wallet.register({ url }));
    unwrap(await wallet.registerTa());
    await network.provider().fund(await alice.id(), 1000n);
    unwrap(await wallet.deposit({ amount: amount(900n) }));
    const shop = await network.party();

    const listener = unwrap(await listenTap({ path: join(folder, "tap") }));
    const pay = async (x: bigint): Promise<unknown> => {
      const requested = unwrap(await shop.wallet.requestPayment({ amount: amount(x) }));
      const [left, right] = await Promise.all([dialTap(listener.address), listener.accept()]);
      const { paid } = await meetOver(alice, shop, requested, [unwrap(left), right!]);
      return paid;
    };
    expect(await pay(100n)).toMatchObject({ value: { verdict: "received", j: 1 } });

    await tee.stop();
    expect(await pay(100n)).toMatchObject({ error: { code: "device-unreachable" } });
    expect(unwrap(await wallet.resume())).toEqual([]);
    tee = unwrap(await spawnTee({ folder: join(folder, "device") }));
    expect(await pay(100n)).toMatchObject({ value: { verdict: "received", j: 2 } });

    await wallet.close();
    expect(await wallet.history()).toMatchObject({ error: { code: "store-closed" } });
    wallet = await open(alice);
    expect(await pay(100n)).toMatchObject({ value: { verdict: "received", j: 3 } });
    expect(unwrap(await wallet.balance())).toMatchObject({ offline: 600n, paid: 300n });
    expect(unwrap(await shop.wallet.claim())).toMatchObject({ count: 3, amount: 300n });
    expect(unwrap(await wallet.sync())).toMatchObject({ uploaded: 3, settled: 3 });
    expect(unwrap(await wallet.balance())).toMatchObject({ offline: 600n, paid: 0n });
    await listener.close();
    await wallet.close();
  });
});
