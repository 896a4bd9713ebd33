import { spawn, type ChildProcess } from "node:child_process";
import { basename, dirname, join, resolve } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { existsSync, mkdirSync, realpathSync } from "node:fs";
import { err, ok, type Result } from "@bezant/protocol";
import { confinedNodeArguments, MAIN } from "./confinement.ts";
import { parseStartLine, type Ready, type StartFault } from "./messages.ts";

export type SpawnTeeOptions = {
  /** The device's folder, made by `createDevice`. */
  readonly folder: string;
  /** Where clients connect; by default `run/tee` in the device's folder. Its folder must be the clients' alone. */
  readonly socket?: string;
};

/** A trusted OS in a process of its own. It ends when this process does. */
export type TeeProcess = Omit<Ready, "ready"> & {
  readonly socket: string;
  /** Ends it in good order. */
  readonly stop: () => Promise<void>;
  /** Settles when the process has ended, however it did: its exit status, or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals>;
};

/** What a socket's path can hold on every system that Node runs on (macOS: 104 bytes with the final zero). */
const MAX_SOCKET_PATH = 103;

/** Starts a trusted OS and waits until it serves. */
export async function spawnTee(options: SpawnTeeOptions): Promise<Result<TeeProcess, StartFault>> {
  if (!existsSync(options.folder)) return err({ code: "device-missing" });
  // The permission model compares paths, so there must be no links in them.
  const folder = realpathSync(options.folder);
  const place = resolve(options.socket ?? join(folder, "run", "tee"));
  mkdirSync(dirname(place), { recursive: true, mode: 0o700 });
  const socketFolder = realpathSync(dirname(place));
  const socket = join(socketFolder, basename(place));
  if (Buffer.byteLength(socket) > MAX_SOCKET_PATH) return err({ code: "socket-path-too-long" });
  const folders = [folder, socketFolder];
  const child = spawn(
    process.execPath,
    [...confinedNodeArguments(folders), MAIN, "--folder", folder, "--socket", socket, "--attached"],
    // An empty environment: no NODE_OPTIONS, no debugger.
    { stdio: ["pipe", "pipe", "inherit"], env: {} },
  );
  const exited = exitOf(child);
  const line = await firstLine(child);
  const said = line === undefined ? undefined : parseStartLine(line);
  if (said?.ready !== true) {
    child.kill();
    await exited;
    if (said === undefined) return err({ code: "start-failed" });
    const { code, detail } = said;
    return err(detail === undefined ? { code } : { code, detail });
  }
  const { ready: _, ...facts } = said;
  return ok({
    ...facts,
    socket,
    exited,
    async stop() {
      child.kill("SIGTERM");
      await exited;
    },
  });
}

function exitOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
  return new Promise((settle) => {
    child.once("exit", (status, signal) => settle(signal ?? status ?? 1));
    child.once("error", () => settle(1));
  });
}

/** Undefined where the process ends without a word. */
function firstLine({ stdout }: ChildProcess): Promise<string | undefined> {
  if (stdout === null) return Promise.resolve(undefined);
  const lines = createInterface(stdout);
  return new Promise((settle) => {
    lines.once("line", settle);
    lines.once("close", () => settle(undefined));
  });
}
