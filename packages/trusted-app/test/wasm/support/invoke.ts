import { expect } from "vitest";
import { statusOf, type Status } from "../../../src/commands.ts";
import type { Device } from "./device.ts";

/** Runs a command that may answer anything, but not trap, nor change anything although it refuses. */
export function invoke(device: Device, command: number, input: Uint8Array): Status {
  const before = device.state;
  const { status, output } = device.invoke(command, input);
  const code = statusOf(status);
  if (code === undefined) throw new Error(`status ${status}`);
  if (code === "ok") return code;
  expect(output).toHaveLength(0);
  if (code !== "pin-wrong") {
    expect(device.os.staged).toBe(false);
    expect(device.state).toBe(before);
  }
  return code;
}

/** The same, without its effect. */
export function probe(device: Device, command: number, input: Uint8Array): Status {
  const committed = device.state;
  const status = invoke(device, command, input);
  device.os.committed = committed;
  return status;
}
