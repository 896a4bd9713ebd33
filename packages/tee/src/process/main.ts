// The trusted OS as a process of its own: `node <confinedNodeArguments> main.ts --folder F --socket S`.
import { chmodSync, chownSync, mkdirSync, rmSync, statSync } from "node:fs";
import type { Server } from "node:net";
import { dirname } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { deviceIdOf, err, ok, toHex, type Result } from "@bezant/protocol";
import { openDevice } from "../device-folder.ts";
import type { RunningDevice } from "../running-device.ts";
import type { Measurement } from "../os/attestation.ts";
import { dropPermissions, isConfined } from "./confinement.ts";
import { lockFolder, type Lock } from "./lock.ts";
import type { NotReady, Ready, StartFault } from "./messages.ts";
import { becomeNobody } from "./privileges.ts";
import { createTeeServer } from "./server.ts";

const OTHERS = 0o077;

const { values } = parseArgs({
  options: {
    folder: { type: "string" },
    socket: { type: "string" },
    /** End when standard input does: the process that started this one is gone. */
    attached: { type: "boolean", default: false },
  },
});
const { folder, socket, attached } = values;
if (folder === undefined || socket === undefined)
  throw new Error("--folder and --socket are needed");

const prepared = prepare(folder, socket);
if (prepared.ok) {
  await serve(prepared.value, folder, socket);
} else {
  say({ ready: false, ...prepared.error });
  process.exitCode = 1;
}

type Prepared = { readonly lock: Lock; readonly device: RunningDevice };

function prepare(deviceFolder: string, socketPath: string): Result<Prepared, StartFault> {
  if (!isConfined()) return err({ code: "not-confined" });
  const socketFolder = dirname(socketPath);
  mkdirSync(socketFolder, { recursive: true, mode: 0o700 });
  const shared = [deviceFolder, socketFolder].find((path) => (statSync(path).mode & OTHERS) !== 0);
  if (shared !== undefined) return err({ code: "folder-not-private", detail: shared });
  const lock = lockFolder(deviceFolder);
  if (lock === undefined) return err({ code: "already-running" });
  const device = openDevice(deviceFolder);
  if (device.ok) return ok({ lock, device: device.value });
  lock.release();
  return device;
}

async function serve(
  { lock, device }: Prepared,
  deviceFolder: string,
  socketPath: string,
): Promise<void> {
  const { rootOfTrust, trustedOs, agent, tos } = device;
  const server = createTeeServer(trustedOs, agent);
  await listen(server, socketPath);
  const uid = becomeNobody(deviceFolder);
  dropPermissions();
  const stop = (): void => {
    server.close();
    device.close();
    lock.release();
    process.exit();
  };
  process.once("SIGTERM", stop).once("SIGINT", stop);
  if (attached) process.stdin.once("end", stop).once("error", stop).resume();
  say({
    ready: true,
    pid: process.pid,
    uid,
    deviceId: deviceIdOf(rootOfTrust.deviceKey),
    securityLevel: rootOfTrust.securityLevel,
    ta: readable(trustedOs.installed),
    tos: readable(tos),
  });
}

/** The socket belongs to whoever owns its folder, and to no one else. The lock says that no one else listens there. */
async function listen(server: Server, path: string): Promise<void> {
  rmSync(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  server.removeAllListeners("error");
  chmodSync(path, 0o600);
  const { uid, gid } = statSync(dirname(path));
  chownSync(path, uid, gid);
}

function readable({ measurement, version }: Measurement): Ready["ta"] {
  return { measurement: toHex(measurement), version };
}

function say(line: Ready | NotReady): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
