import { randomBytes } from "node:crypto";
import { nodeVerifier } from "@bezant/pki/node";
import {
  amount,
  chainVerify,
  keyIdOf,
  runChecks,
  toHex,
  TrustStore,
  ZERO,
  type Root,
  type WalletId,
} from "@bezant/protocol";
import measurement from "@bezant/trusted-app/measurement.json" with { type: "json" };
import type { Institutions } from "../network/institutions.ts";
import { PROVIDERS } from "../network/layout.ts";
import { short } from "../wallet/approve.ts";
import { FUNDS, LOADED } from "./amounts.ts";
import { startManufacturer } from "./manufacturer.ts";
import { need } from "./people.ts";
import { showBooks } from "./books.ts";
import { meetCentralBank, startCentralBank } from "./settlement.ts";
import type { Stage } from "./stage.ts";

/** Institutions, devices, wallets; then money, online and in A's device. */
export async function settingUp(stage: Stage): Promise<void> {
  stage.teller.act("SETTING UP");
  const institutions = await certify(stage);
  const { root: authority } = institutions;
  const root = { id: authority.claims.sub, key: authority.signer.publicKey };
  await startCentralBank(stage);
  await startManufacturer(stage);
  await startProviders(stage, root);
  await startDevices(stage);
  const client = await register(stage, root);
  await fund(stage, client);
  await deposit(stage);
  await stage.teller.step(
    "audit-before",
    "All ledgers together, before anybody goes offline",
    (step) => showBooks(stage, step, { offline: LOADED, posted: ZERO }),
  );
}

function certify({ teller, network, now }: Stage): Promise<Institutions> {
  return teller.step(
    "certify",
    "The central bank, an intermediary, two providers and a device maker get keys and certificates",
    async (step) => {
      const institutions = await network.found();
      const { root, intermediary, providers, oem } = institutions;
      step.message("central bank", root.certificate, "all that a wallet trusts from the start");
      step.message("intermediary", intermediary.certificate, "certified by the central bank");
      const trust = new TrustStore({
        root: { id: root.claims.sub, key: root.signer.publicKey },
        currency: network.currency,
      });
      for (const id of PROVIDERS) {
        const { certificate } = providers[id].authority;
        step.message(id, certificate, "a provider, certified by the intermediary");
        const chain = [certificate, intermediary.certificate] as const;
        const pending = chainVerify({ chain, trust, now: now() });
        const verified = pending.ok && runChecks<unknown>(pending.value, nodeVerifier()).ok;
        step.expect(`${id}'s chain leads to the central bank`, verified);
      }
      step.message("device maker", oem.certificate, "stands for the devices it makes");
      return institutions;
    },
  );
}

function startProviders(stage: Stage, root: Root): Promise<void> {
  const { teller, network } = stage;
  return teller.step(
    "providers",
    "The providers start, each with a database of its own",
    async (step) => {
      for (const [id, { url, pid, databasePid }] of await network.startProviders()) {
        step.fact(id, `process ${pid}, at ${url}; its PostgreSQL: process ${databasePid}`);
        const info = (await (await fetch(`${url}/v1/provider`)).json()) as { rootKeyId?: unknown };
        const isRight = info.rootKeyId === keyIdOf(root.key);
        step.expect(`${id} serves under the central bank's key`, isRight);
      }
      await meetCentralBank(stage, step);
    },
  );
}

function startDevices({ teller, network }: Stage): Promise<void> {
  return teller.step(
    "devices",
    "A and B get secure devices, which their maker enrols; each one's trusted OS runs as a process of its own",
    async (step) => {
      const processes = new Set([process.pid]);
      for (const name of ["a", "b"] as const) {
        await network.makeDevice(name);
        const tee = await network.startDevice(name);
        if (!tee.ok) throw new Error(`the device of ${name} does not start: ${tee.error.code}`);
        const { pid, deviceId, ta, securityLevel } = tee.value;
        processes.add(pid);
        step.fact(`device of ${name.toUpperCase()}`, `process ${pid}, device ${short(deviceId)}`);
        step.expect(
          `${name.toUpperCase()}'s device runs the trusted application that was measured`,
          ta.measurement === measurement.sha256,
        );
        step.expect(`${name.toUpperCase()}'s device says that it is software`, securityLevel === 1);
      }
      step.expect("all of them are different processes", processes.size === 3);
    },
  );
}

function register({ teller, people }: Stage, root: Root): Promise<WalletId> {
  return teller.step(
    "register",
    "A and the merchant register with aurum, B with boreal, which ask the maker about the devices of A and B",
    async (step) => {
      const clients = new Map<string, WalletId>();
      for (const name of ["a", "b", "merchant"] as const) {
        await people.create(name, root);
        const wallet = people.wallet(name);
        const { wallet: client } = need(await wallet.register({ url: people.url(name) }));
        clients.set(name, client);
        const label = name === "merchant" ? name : name.toUpperCase();
        if (name === "merchant") {
          step.fact(label, `client ${short(client)}`);
        } else {
          const { ta } = need(await wallet.registerTa());
          step.fact(label, `client ${short(client)}, trusted app ${short(ta)}, attested`);
          const { device } = need(await wallet.status());
          const active = device?.ok === true && device.value.phase === "active";
          step.expect(`${label}'s device is active`, active);
        }
      }
      step.expect("they are three clients", new Set(clients.values()).size === 3);
      const [a] = clients.values();
      if (a === undefined) throw new Error("nobody registered");
      return a;
    },
  );
}

function fund({ teller, network, people }: Stage, client: WalletId): Promise<void> {
  return teller.step("fund", "aurum's operator credits A's online account", async (step) => {
    const operator = await network.operator("aurum");
    const order = { kind: "fund", client, amount: FUNDS, orderId: randomBytes(16) } as const;
    await operator.order(order);
    await operator.order(order);
    step.fact("order", `${toHex(order.orderId).slice(0, 8)}…, signed by the operator, sent twice`);
    const online = await people.online("a");
    step.amount("A online", online, ZERO);
    step.expect("the order counted once", online === FUNDS);
  });
}

function deposit({ teller, people }: Stage): Promise<void> {
  return teller.step("deposit", "A moves money into the device", async (step) => {
    await step.timed(async () => need(await people.wallet("a").deposit({ amount: LOADED })));
    const [online, held] = [await people.online("a"), await people.inDevice("a")];
    step.amount("A online", online, FUNDS);
    step.amount("A's device", held, ZERO);
    step.expect("what left the account is in the device", held === LOADED);
    step.expect("and only that left it", online === amount(FUNDS - LOADED));
  });
}
