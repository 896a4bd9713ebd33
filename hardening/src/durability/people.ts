import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { asyncNodeSigner, asyncNodeVerifier, generatePrivateKey } from "@bezant/pki/node";
import {
  amount,
  decompress,
  unwrap,
  type ProviderId,
  type TaId,
  type WalletId,
} from "@bezant/protocol";
import { operatorContext, operatorOrder } from "@bezant/provider";
import { createDevice } from "@bezant/tee";
import { spawnTee, type TeeProcess } from "@bezant/tee/process";
import { initializeContext, OPS_TA_UUID } from "@bezant/tee/client";
import { createWallet, openDevice, type Device, type PaymentId, type Wallet } from "@bezant/wallet";
import { openSqliteStore } from "@bezant/wallet/node";
import type { Acknowledged } from "./acknowledged.ts";
import { EUR, now, type Institutions } from "./institutions.ts";

/** What everybody begins with. */
export const FUNDS = 1_000_000n;

/** Somebody with a wallet whose store is on the disk, and perhaps with a secure device, which is a process of its own. */
export type Person = {
  readonly name: string;
  readonly wallet: Wallet;
  readonly id: WalletId;
  /** Its provider. */
  readonly home: ProviderId;
  readonly device?: Device;
  readonly ta?: TaId;
  /** Amounts of the payments that its device has signed, in any order. */
  readonly paid: bigint[];
  /** Amounts that its device has collected. */
  readonly collected: bigint[];
  /** Payments that it was given, for claims one by one. */
  readonly received: PaymentId[];
  readonly close: () => Promise<void>;
};

/** A provider and its clients. */
export type Town = {
  readonly institutions: Pick<Institutions, "root" | "operator" | "identity">;
  readonly home: ProviderId;
  readonly acknowledged: Acknowledged;
  readonly url: string;
  readonly folder: string;
};

/** Registers, certifies the device, and has the operator fund the account. */
export async function settleIn(
  town: Town,
  name: string,
  { withDevice }: { readonly withDevice: boolean },
): Promise<Person> {
  const { institutions, home, acknowledged, url } = town;
  const folder = join(town.folder, name);
  mkdirSync(folder, { recursive: true });
  const tee = withDevice ? await startDevice(folder, institutions) : undefined;
  const device = tee === undefined ? undefined : await connect(tee);
  const { claims } = institutions.root;
  const wallet = unwrap(
    await createWallet({
      store: unwrap(openSqliteStore(join(folder, "wallet"))),
      signer: asyncNodeSigner(generatePrivateKey()),
      verifier: asyncNodeVerifier(),
      root: { id: claims.sub, key: unwrap(decompress(claims.key)) },
      currency: EUR,
      clock: { now },
      random: (length) => randomBytes(length),
      ...(device === undefined ? {} : { device }),
      fetch: acknowledged.fetch,
    }),
  );
  const id = unwrap(await wallet.register({ url })).wallet;
  await fund(town, id);
  const ta = device === undefined ? undefined : unwrap(await wallet.registerTa()).ta;
  const close = async (): Promise<void> => {
    await wallet.close();
    await tee?.stop();
  };
  const own = device === undefined || ta === undefined ? {} : { device, ta };
  return { name, wallet, id, home, ...own, paid: [], collected: [], received: [], close };
}

async function startDevice(
  folder: string,
  { identity }: Pick<Institutions, "identity">,
): Promise<TeeProcess> {
  const device = join(folder, "device");
  unwrap(await createDevice(device, { identity }));
  return unwrap(await spawnTee({ folder: device, socket: join(folder, "tee", "s") }));
}

async function connect({ socket }: TeeProcess): Promise<Device> {
  return openDevice(unwrap(await initializeContext({ socket })), OPS_TA_UUID);
}

async function fund({ institutions, home, url }: Town, client: WalletId): Promise<void> {
  const order = { kind: "fund", orderId: randomBytes(16), client, amount: amount(FUNDS) } as const;
  const context = operatorContext({ id: home, currency: EUR });
  const body = await operatorOrder.signAsync(order, context, institutions.operator);
  const answer = await fetch(`${url}/operator/v1/orders`, {
    method: "POST",
    headers: { "content-type": "application/cose" },
    body: new Uint8Array(body),
  });
  if (!answer.ok) throw new Error(`the operator's order was refused: ${await answer.text()}`);
}
