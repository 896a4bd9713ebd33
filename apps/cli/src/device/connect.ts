import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { err, ok, type Result } from "@bezant/protocol";
import { spawnTee, type StartFault } from "@bezant/tee/process";
import { initializeContext, type TeecError, type TeeContext } from "@bezant/tee/client";
import { socketOf } from "./socket.ts";

/** A device whose trusted OS answers. */
export type ConnectedDevice = {
  readonly context: TeeContext;
  /** Disconnects; ends the trusted OS if it was started for this connection. */
  readonly close: () => Promise<void>;
};

/** Another command that uses the device may be about to start or to end. */
const ATTEMPTS = 50;
const RETRY_AFTER_MS = 100;

/** Connects to the trusted OS of the device in this folder: the one that runs, or one that is started for as long as it is needed. */
export async function connectDevice(folder: string): Promise<Result<ConnectedDevice, StartFault>> {
  if (!existsSync(folder)) return err({ code: "device-missing" });
  for (let attempt = 1; ; attempt += 1) {
    const socket = socketOf(folder);
    const running = await initializeContext({ socket });
    if (running.ok) {
      const context = running.value;
      return ok({ context, close: () => context.finalizeContext() });
    }
    const started = await spawnTee({ folder, socket });
    if (started.ok) {
      const context = await initializeContext({ socket });
      if (!context.ok) {
        await started.value.stop();
        return err({ code: "start-failed", detail: context.error.code });
      }
      return ok({
        context: context.value,
        close: async () => {
          await context.value.finalizeContext();
          await started.value.stop();
        },
      });
    }
    if (started.error.code !== "already-running" || attempt === ATTEMPTS) return started;
    await sleep(RETRY_AFTER_MS);
  }
}

/** Connects to a trusted OS that somebody else runs, at this socket. */
export async function connectSocket(socket: string): Promise<Result<ConnectedDevice, TeecError>> {
  const context = await initializeContext({ socket });
  if (!context.ok) return context;
  return ok({ context: context.value, close: () => context.value.finalizeContext() });
}
