import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { PAY_VERIFY_CALLS, STEPS } from "./contains.ts";
import type { floorCalls } from "./floor.ts";

type RawDevice = {
  readonly run: (command: number) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/**
 * The raw calls of a payment where they are made: in two processes that sleep in between, each woken by one byte and answering
 * with one. No protocol, no TA, no frames: what is left is what two processes on this machine cost.
 */
export function rawDevices(folder: string, { calls }: ReturnType<typeof floorCalls>) {
  const devices = {
    payer: rawDevice(join(folder, "raw-payer")),
    payee: rawDevice(join(folder, "raw-payee")),
  };
  return {
    async pay(): Promise<void> {
      for (const step of STEPS) {
        if (step.at === "wallet") for (const call of PAY_VERIFY_CALLS) calls[call]();
        else await devices[step.at].run(step.command);
      }
    },
    async stop(): Promise<void> {
      await devices.payer.stop();
      await devices.payee.stop();
    },
  };
}

function rawDevice(folder: string): RawDevice {
  mkdirSync(folder);
  const child = spawn(process.execPath, [join(import.meta.dirname, "raw-device.ts"), folder], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  let answered: (() => void) | undefined;
  child.stdout.on("data", () => {
    const settle = answered;
    answered = undefined;
    settle?.();
  });
  // As a wallet does while it waits for its device (ADR 76): an event loop with something to do does not sleep.
  const watch = (): void => {
    if (answered !== undefined) setImmediate(watch);
  };
  return {
    run: (command) =>
      new Promise((settle) => {
        answered = settle;
        child.stdin.write(Uint8Array.of(command));
        watch();
      }),
    async stop() {
      const exited = once(child, "exit");
      child.stdin.end();
      await exited;
    },
  };
}
