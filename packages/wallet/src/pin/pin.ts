import { amount, err, ok, type Amount, type Result } from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { needTa } from "../core/identity.ts";
import type { WalletRefusal } from "../refusals.ts";

/** Sets the PIN; where there is one already, the present one has to have been entered just before. 4 to 12 bytes. */
export async function setPin(core: Core, pin: string): Promise<Result<void, WalletRefusal>> {
  const bytes = pinBytes(pin);
  if (bytes === undefined) return err({ code: "malformed", detail: "a PIN has 4 to 12 digits" });
  const equipped = await needTa(core);
  if (!equipped.ok) return equipped;
  const set = await equipped.value.device.setPin({ pin: bytes });
  return set.ok ? ok(undefined) : set;
}

export type PinRefusal = WalletRefusal & {
  /** Tries that are left after this one. */
  readonly triesLeft?: number;
};

/**
 * Enters the PIN: the device spends a try before it compares, and gives it back if the PIN is right.
 *
 * @param allowance the next payment may be this much without any cap; by default 0: the cap begins anew
 */
export async function enterPin(
  core: Core,
  pin: string,
  allowance: Amount = amount(0n),
): Promise<Result<void, PinRefusal>> {
  const bytes = pinBytes(pin);
  if (bytes === undefined) return err({ code: "malformed", detail: "a PIN has 4 to 12 digits" });
  const equipped = await needTa(core);
  if (!equipped.ok) return equipped;
  const { device } = equipped.value;
  const begun = await device.pinBegin();
  if (!begun.ok) return begun;
  const verified = await device.pinVerify({ pin: bytes, allowance });
  if (verified.ok) return ok(undefined);
  return err({ ...verified.error, triesLeft: begun.value.tries });
}

function pinBytes(pin: string): Uint8Array | undefined {
  return /^[0-9]{4,12}$/.test(pin) ? new TextEncoder().encode(pin) : undefined;
}
