import type { Result } from "@bezant/protocol";
import type { Device, DeviceRefusal } from "./device.ts";

/** The same device, which tells when the connection to it was lost: behind the next one may be another. */
export function watched(device: Device, onLost: () => void): Device {
  type Call = (...input: unknown[]) => Promise<Result<unknown, DeviceRefusal>>;
  const watch =
    (call: Call): Call =>
    async (...input) => {
      const answer = await call(...input);
      const code = answer.ok ? undefined : answer.error.code;
      if (code === "device-unreachable" || code === "device-interrupted") onLost();
      return answer;
    };
  const calls = Object.entries(device).map(([name, call]) => [name, watch(call as Call)]);
  return Object.fromEntries(calls) as Device;
}
