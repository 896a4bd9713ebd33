import { randomBytes } from "node:crypto";
import { asyncNodeSigner, asyncNodeVerifier } from "@bezant/pki/node";
import { err, formatAmount, ok, type Amount, type Result, type Seconds } from "@bezant/protocol";
import { OPS_TA_UUID } from "@bezant/tee/client";
import {
  createWallet,
  explanation,
  openDevice,
  type Wallet,
  type WalletRefusal,
} from "@bezant/wallet";
import { openSqliteStore } from "@bezant/wallet/node";
import { connectDevice, connectSocket, type ConnectedDevice } from "../device/connect.ts";
import { explainFault } from "../device/faults.ts";
import type { Explained } from "../failure.ts";
import { readWalletFolder, type WalletSettings } from "./folder.ts";

/** A wallet at work: store, key, device and network together. */
export type OpenWallet = {
  readonly wallet: Wallet;
  readonly settings: WalletSettings;
  /** Why its device does not serve; the wallet works without it. */
  readonly fault?: Explained;
  /** For people. */
  readonly format: (amount: Amount) => string;
  readonly close: () => Promise<void>;
};

const NETWORK_TIMEOUT_MS = 30_000;

/** Opens the wallet in a folder, for this process alone, with the device that belongs to it. */
export async function openWallet(
  folder: string,
  now: () => Seconds,
): Promise<Result<OpenWallet, WalletRefusal>> {
  const { settings, key } = await readWalletFolder(folder);
  const store = openSqliteStore(folder);
  if (!store.ok) return err({ code: store.error.code, detail: store.error.message });
  const connected = await connect(settings);
  const device = connected?.ok === true ? connected.value : undefined;
  const close = async (): Promise<void> => {
    await store.value.close();
    await device?.close();
  };
  const { root, currency } = settings;
  const wallet = await createWallet({
    store: store.value,
    signer: asyncNodeSigner(key),
    verifier: asyncNodeVerifier(),
    root,
    currency,
    clock: { now },
    random: (length) => randomBytes(length),
    device: device && openDevice(device.context, OPS_TA_UUID),
    fetch: (url, request) =>
      fetch(url, { ...request, signal: AbortSignal.timeout(NETWORK_TIMEOUT_MS) }),
  });
  if (!wallet.ok) {
    await close();
    return wallet;
  }
  return ok({
    wallet: wallet.value,
    settings,
    ...(connected?.ok === false ? { fault: connected.error } : {}),
    format: (amount) => formatAmount(amount, currency),
    close,
  });
}

/** Undefined: the wallet has no device. */
async function connect({
  device,
  socket,
}: WalletSettings): Promise<Result<ConnectedDevice, Explained> | undefined> {
  if (socket !== undefined) {
    const connected = await connectSocket(socket);
    if (connected.ok) return connected;
    const { code } = connected.error;
    const refusal = { code: "device-unreachable", detail: `${code} at ${socket}` } as const;
    return err({ ...refusal, ...explanation(refusal) });
  }
  if (device === undefined) return undefined;
  const connected = await connectDevice(device);
  return connected.ok ? connected : err(explainFault(connected.error));
}
